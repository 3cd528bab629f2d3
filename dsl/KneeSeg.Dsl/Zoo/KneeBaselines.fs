/// The networks behind the published tables of the knee project that KneeSeg succeeds: a few hundred parameters
/// each, one batch norm a block, TensorFlow's padding and constants.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.KneeBaselines

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Variants

/// How maps go down, and whether there are residuals around blocks.
type private Form =
    /// By pooling; no residuals.
    | Pooled
    /// By strided convolutions; residuals around every block, around the first one or not.
    | Strided of residualStart: bool

/// Blocks of so many convolutions, each block with a window and a width: those that go down, outermost first, and
/// the bottom.
let private baseline form count name blocks =
    let block (kernel, width) =
        times count (chain [ conv kernel width; tied "norm" batch; relu; drop 0.25 ])

    let step, isResidual =
        match form with
        | Pooled -> maxPool 2, (fun _ -> false)
        // Always to one channel, which a sum adds to any number of them.
        | Strided start -> chain [ strided 2 (convTo (Just 1) 3); selu ], (fun depth -> depth > 0 || start)

    let around depth shortcut body =
        if isResidual depth then beside shortcut body else body

    let level depth (kernel, width) = {
        Encode = around depth asIs (block (kernel, width))
        Scale = Through(step, stage "risen" [ upsample 2; conv 2 width; batch; relu ])
        Skip = concat
        // The residual is of the map that came up, without what a skip or a position brought.
        Decode = around (depth + 1) (recall "risen") (block (3, width))
    }

    let depth = List.length blocks - 1
    let levels = blocks |> List.take depth |> List.mapi level
    let bottom = stage "deepest" [ around depth asIs (block (List.last blocks)) ]

    volume name [
        chain [ ladder levels bottom; convTo Classes 3; relu; classify ]
        |> same
        |> epsilon 1e-3
        |> momentum 0.01
    ]

let private tiny = [ 3, 1; 3, 2 ]
let private small = [ 3, 1; 3, 2; 3, 4 ]
let private large = [ 5, 1; 3, 2; 3, 4; 3, 8 ]

let private pooled = baseline Pooled 2
let private strided = baseline (Strided true) 2

/// The deepest map through a grid of its means, and the position.
let private deepestAndPosition =
    fork [
        chain [ recall "deepest"; grid 4; dense 16; relu; dense 4; relu ]
        Given Position
    ]

/// Two levels; 362 parameters for one class.
let tinyUNet3d = pooled "tiny-unet3d" tiny
/// Three levels; 1,428 parameters for one class.
let smallUNet3d = pooled "small-unet3d" small
/// Five levels, a first window of 5 and a last of 2; 15,228 parameters for one class.
let largeUNet3d = pooled "large-unet3d" (large @ [ 2, 16 ])
/// Two levels; 390 parameters for one class.
let tinyVNet = strided "tiny-vnet" tiny
/// Three levels; 1,403 parameters for one class.
let smallVNet = strided "small-vnet" small
/// Five levels, a first window of 5 and a last of 2; 13,985 parameters for one class.
let largeVNet = strided "large-vnet" (large @ [ 2, 16 ])

/// The small one, told the position and what its deepest map holds.
let smallRelativeUNet3d =
    pooled "small-relative-unet3d" small |> tell deepestAndPosition

/// The small one, told the position and what its deepest map holds.
let smallRelativeVNet =
    strided "small-relative-vnet" small |> tell deepestAndPosition

/// Five levels of three convolutions, told the position; 34,307 parameters for one class.
let largeRelativeUNet3d =
    baseline Pooled 3 "large-relative-unet3d" (large @ [ 3, 16 ]) |> relative

/// Five levels of three convolutions, told the position; 30,936 parameters for one class.
let largeRelativeVNet =
    baseline (Strided false) 3 "large-relative-vnet" (large @ [ 3, 16 ]) |> relative

let private source =
    "The knee-segmentation project of 2020 (3D-MRI-Tissue-Segmentation/knee-segmentation), its published tables"

let private entry network summary departures = {
    Network = network
    Summary = summary
    Paper = source
    Departures = departures
}

let private exact =
    "None; it ends in logits, and the noise on its input in training belongs to the recipe."

let private pooledText size =
    $"the tables' {size} 3D U-Net: widths from 1, one norm a block"

let private stridedText size =
    $"the tables' {size} V-Net: strided to one channel, residuals around blocks"

let private ownCompressor =
    "The original shrinks the deepest map by valid convolutions, so that its parameters depend on the input's size. Here it is averaged to 4 x 4 x 4 cells: the count is our own."

let internal entries = [
    entry tinyUNet3d (pooledText "tiny") exact
    entry smallUNet3d (pooledText "small") exact
    entry largeUNet3d (pooledText "large") exact
    entry
        smallRelativeUNet3d
        "the small 3D U-Net, told the position and a summary of its deepest map"
        ownCompressor
    entry largeRelativeUNet3d "the large 3D U-Net with three convolutions a block, told the position" exact
    entry tinyVNet (stridedText "tiny") exact
    entry smallVNet (stridedText "small") exact
    entry largeVNet (stridedText "large") exact
    entry
        smallRelativeVNet
        "the small V-Net, told the position and a summary of its deepest map"
        ownCompressor
    entry largeRelativeVNet "the large V-Net with three convolutions a block, told the position" exact
]
