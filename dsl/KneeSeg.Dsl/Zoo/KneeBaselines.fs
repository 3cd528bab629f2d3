/// The networks behind the published tables of the knee project that KneeSeg succeeds: a few hundred parameters
/// each, one batch norm per block, TensorFlow's padding and constants.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.KneeBaselines

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Variants

/// Downsampling, and the residuals around blocks.
type private Form =
    /// Max pooling; no residuals.
    | Pooled
    /// Strided convolutions; residuals around every block, the first one included or not.
    | Strided of firstResidual: bool

/// A network of blocks of so many convolutions, each block with a kernel and a width: the levels, the finest first, and
/// the bottleneck.
let private baseline form count name blocks =
    let convolutions (kernel, width) =
        repeat count (chain [ conv kernel width; tied "norm" batchNorm; relu; channelDropout 0.25 ])

    let down, isResidual =
        match form with
        | Pooled -> maxPool 2, (fun _ -> false)
        // Always to one channel, which is broadcast in a sum.
        | Strided first -> chain [ strided 2 (convTo (Exactly 1) 3); selu ], (fun depth -> depth > 0 || first)

    let residualBlock depth path body =
        if isResidual depth then shortcut path body else body

    let level depth (kernel, width) = {
        Encode = residualBlock depth identity (convolutions (kernel, width))
        Down = down
        Skip = concat
        Up = stage "risen" [ upsampleNearest 2; conv 2 width; batchNorm; relu ]
        // The shortcut is the upsampled feature map, before the skip connection.
        Decode = residualBlock (depth + 1) (recall "risen") (convolutions (3, width))
    }

    let depth = List.length blocks - 1
    let levels = blocks |> List.take depth |> List.mapi level

    let bottleneck =
        stage "deepest" [ residualBlock depth identity (convolutions (List.last blocks)) ]

    network3d name [
        chain [ encoderDecoder levels bottleneck; convTo Classes 3; relu; classify ]
        |> samePadding
        |> epsilon 1e-3
        |> momentum 0.01
    ]

let private tiny = [ 3, 1; 3, 2 ]
let private small = [ 3, 1; 3, 2; 3, 4 ]
let private large = [ 5, 1; 3, 2; 3, 4; 3, 8 ]

let private pooled = baseline Pooled 2
let private strided = baseline (Strided true) 2

/// The bottleneck's feature map, pooled and compressed, and the position.
let private bottleneckAndPosition =
    branches [
        chain [ recall "deepest"; adaptiveAvgPool 4; dense 16; relu; dense 4; relu ]
        Input Position
    ]

/// Two levels; 362 parameters for one class.
let tinyUNet3d = pooled "tiny-unet3d" tiny
/// Three levels; 1,428 parameters for one class.
let smallUNet3d = pooled "small-unet3d" small
/// Five levels, a first kernel of 5 and a last of 2; 15,228 parameters for one class.
let largeUNet3d = pooled "large-unet3d" (large @ [ 2, 16 ])
/// Two levels; 390 parameters for one class.
let tinyVNet = strided "tiny-vnet" tiny
/// Three levels; 1,403 parameters for one class.
let smallVNet = strided "small-vnet" small
/// Five levels, a first kernel of 5 and a last of 2; 13,985 parameters for one class.
let largeVNet = strided "large-vnet" (large @ [ 2, 16 ])

/// The small one, conditioned on its bottleneck and the position.
let smallRelativeUNet3d =
    pooled "" small
    |> conditionedOn bottleneckAndPosition
    |> named "small-relative-unet3d"

/// The small one, conditioned on its bottleneck and the position.
let smallRelativeVNet =
    strided "" small
    |> conditionedOn bottleneckAndPosition
    |> named "small-relative-vnet"

/// Five levels of three convolutions, conditioned on the position; 34,307 parameters for one class.
let largeRelativeUNet3d =
    baseline Pooled 3 "" (large @ [ 3, 16 ])
    |> relative
    |> named "large-relative-unet3d"

/// Five levels of three convolutions, conditioned on the position; 30,936 parameters for one class.
let largeRelativeVNet =
    baseline (Strided false) 3 "" (large @ [ 3, 16 ])
    |> relative
    |> named "large-relative-vnet"

let private source =
    "The knee-segmentation project of 2020 (3D-MRI-Tissue-Segmentation/knee-segmentation), its published tables"

let private entry network summary departures = {
    Network = network
    Summary = summary
    Paper = source
    Departures = departures
}

let private exact =
    "None; it outputs logits, and the noise on its input in training belongs to the recipe."

let private pooledText size =
    $"the tables' {size} 3D U-Net: widths from 1, one norm per block"

let private stridedText size =
    $"the tables' {size} V-Net: widths from 1, one norm per block, strided convolutions to one channel, residual blocks"

let private ownCompressor =
    "The original compresses the bottleneck by convolutions without padding, so that its parameters depend on the input size. Here it is pooled to 4 x 4 x 4 cells: the count is our own."

let internal entries = [
    entry tinyUNet3d (pooledText "tiny") exact
    entry smallUNet3d (pooledText "small") exact
    entry largeUNet3d (pooledText "large") exact
    entry
        smallRelativeUNet3d
        "the small 3D U-Net, conditioned on its bottleneck and the patch's position"
        ownCompressor
    entry
        largeRelativeUNet3d
        "the large 3D U-Net with three convolutions per block, conditioned on the patch's position"
        exact
    entry tinyVNet (stridedText "tiny") exact
    entry smallVNet (stridedText "small") exact
    entry largeVNet (stridedText "large") exact
    entry
        smallRelativeVNet
        "the small V-Net, conditioned on its bottleneck and the patch's position"
        ownCompressor
    entry
        largeRelativeVNet
        "the large V-Net with three convolutions per block, conditioned on the patch's position"
        exact
]
