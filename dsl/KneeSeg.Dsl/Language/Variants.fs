/// Functions from network to network, for any network they make sense for.
[<AutoOpen>]
module KneeSeg.Dsl.Variants

open System
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Blocks

let private body change (network: Network) = { network with Body = change network.Body }

let private changeSkip change (level: Level) = { level with Skip = Tree.mapSkip change level.Skip }

/// Every width times a factor; exact widths and classes stay.
let scaled factor =
    let width width =
        match width with
        | Channels n ->
            let scaled = Math.Round(float n * factor, MidpointRounding.AwayFromZero)
            Channels(int (Math.Clamp(scaled, 1.0, float Int32.MaxValue)))
        | width -> width

    rewriteConvs (fun conv -> { conv with Out = width conv.Out })
    >> rewriteLayers (function
        | TileChannels out -> TileChannels(width out)
        | PadChannels out -> PadChannels(width out)
        | layer -> layer)
    |> body

/// No skip connections.
let withoutSkips = body (rewriteLevels (fun level -> { level with Skip = NoSkip }))

/// Attention gates on the skip connections (Oktay et al. 2018).
let gated =
    let gate skip = { skip with Gate = skip.Gate |> Option.orElse (Some attention) }
    body (rewriteLevels (changeSkip gate))

/// Nested skip connections, as in UNet++ (Zhou et al. 2018).
let nested =
    let nest = changeSkip (fun skip -> { skip with Nested = true })

    // On a single level, nested or not is the same.
    rewriteEncoderDecoders (fun spec ->
        if spec.Levels.Length > 1 then
            { spec with Levels = List.map nest spec.Levels }
        else
            spec)
    |> body

/// A chain as units: convolutions with stride 1, each with the norms, activations and dropouts behind it. Empty where the
/// chain has anything else, or only kernels of 1.
let private units chain =
    let isSimple block =
        match block with
        | Layer(Conv { Stride = Isotropic 1; Padding = Symmetric | Same })
        | Layer(Norm _ | Activation _ | ChannelDropout _ | Dropout _ | StochasticDepth _)
        | Tied(_, Layer(Norm _)) -> true
        | _ -> false

    let starts block =
        match block with
        | Layer(Conv _) -> true
        | _ -> false

    let rec split blocks =
        match blocks with
        | Layer(Conv conv) :: tail ->
            let behind = List.takeWhile (starts >> not) tail
            (conv, behind) :: split (List.skip behind.Length tail)
        | _ -> []

    let blocks = flat chain

    let areUnits =
        List.forall isSimple blocks && List.tryHead blocks |> Option.exists starts

    let found = if areUnits then split blocks else []

    if found |> List.exists (fun (conv, _) -> conv.Kernel <> Isotropic 1) then
        found
    else
        []

/// Each unit as a recurrent one, on feature maps of the last unit's width.
let private recurrentUnits units =
    let unit (conv, behind) =
        recurrent 2 (chain (Layer(Conv { conv with Out = sameChannels }) :: behind))

    chain (List.map unit units)

/// A convolution with kernel 1 to the width of the last unit.
let private projection units =
    let last, _ = List.last units

    Layer(Conv { last with Kernel = Isotropic 1; Dilation = Isotropic 1 })

/// The recurrent residual blocks of R2U-Net (Alom et al. 2018). In encoders, decoders and the bottleneck, a chain of
/// convolutions becomes a projection to its width and a residual of recurrent convolutions; in a residual whose
/// convolutions all have the same width, these become recurrent.
let recurrentResidual =
    let inResiduals =
        rewrite (function
            | Branches(Add, [ path; body ]) as block ->
                let found = units body

                match found |> List.map (fun (conv, _) -> conv.Out) |> List.distinct with
                | [ Fraction 1 ] -> shortcut path (recurrentUnits found)
                | [ _ ] -> shortcut path (chain [ projection found; recurrentUnits found ])
                | _ -> block
            | block -> block)

    let rec place block =
        match block, units block with
        | Stage(name, inner), _ -> Stage(name, place inner)
        | _, [] -> inResiduals block
        | _, found -> chain [ projection found; residual (recurrentUnits found) ]

    let level (level: Level) = { level with Encode = place level.Encode; Decode = place level.Decode }

    rewriteEncoderDecoders (fun spec -> {
        spec with
            Levels = List.map level spec.Levels
            Bottleneck = place spec.Bottleneck
    })
    |> body

/// Whether a chain begins by making a vector.
let private makesVector block =
    match flat block with
    | (Input _ | Layer(AdaptiveAvgPool _ | Reduce(_, Global))) :: _ -> true
    | _ -> false

/// Another kind of normalization for feature maps. Vectors keep theirs, since most kinds turn a single number to zero.
let withNorm kind =
    rewriteBut makesVector (function
        | Layer(Norm norm) -> Layer(Norm { norm with Kind = kind })
        | block -> block)
    |> body

let private unpools = has ((=) unpool)

/// Conditions a network on a vector: the vector, reduced to one number, is added to the first upsampled feature map,
/// before the skip connection.
let conditionedOn vector =
    let conditioned (level: Level) =
        if unpools level.Up then
            { level with Decode = chain [ addScalar vector; level.Decode ] }
        else
            { level with Up = chain [ level.Up; addScalar vector ] }

    let coarsest spec =
        match List.rev spec.Levels with
        | coarsest :: finer -> { spec with Levels = List.rev (conditioned coarsest :: finer) }
        | [] -> spec

    body (rewriteFirstEncoderDecoder coarsest)

/// Conditions a network on the patch's position in the volume.
let relative network =
    if network.Body |> has ((=) (Input Position)) then
        network
    else
        conditionedOn position network

let private isSliced network =
    flat network.Body |> List.contains avgOverDepth

/// Deep supervision (Lee et al. 2015): in training, the outputs of all levels are compared with the labels, each through
/// a classifier of its own.
let deeplySupervised network =
    let classifier =
        if isSliced network then
            chain [ classify; avgOverDepth ]
        else
            classify

    let supervise spec =
        if spec.Levels.Length > 1 then
            { spec with Head = Option.orElse (Some classifier) spec.Head }
        else
            spec

    body (rewriteFirstEncoderDecoder supervise) network

/// The same network for volumes.
let volumetric network = { network with SpatialDims = ThreeD }

let private isEven n = n % 2 = 0

/// A padding given for each side, with the same on both sides of depth.
let private withDepth n padding =
    let side size =
        match size with
        | Isotropic m
        | InPlane m -> Axes(n, m, m)
        | Axes(_, h, w) -> Axes(n, h, w)

    match padding with
    | Explicit(before, after) -> Explicit(side before, side after)
    | padding -> padding

/// Never downsamples depth: for stacks of few slices. Even kernels, which go with downsampling or upsampling, lose their
/// depth; odd ones keep it.
let anisotropic network =
    let flat size =
        match size with
        | Isotropic n when n > 1 -> InPlane n
        | Axes(_, h, w) -> Axes(1, h, w)
        | size -> size

    let kernel size =
        match size with
        | Isotropic n
        | Axes(n, _, _) when isEven n -> flat size
        | size -> size

    let depth size =
        match size with
        | Isotropic n
        | Axes(n, _, _) -> n
        | InPlane _ -> 1

    // Padding that made up for a stride or an even kernel now keeps the slices.
    let keeping kernel dilation isChanged padding =
        if isChanged then
            withDepth (depth dilation * (depth kernel - 1) / 2) padding
        else
            padding

    let conv (conv: Conv) =
        let size, stride = kernel conv.Kernel, flat conv.Stride
        let isChanged = size <> conv.Kernel || stride <> conv.Stride

        {
            conv with
                Stride = stride
                Kernel = size
                Padding = keeping size conv.Dilation isChanged conv.Padding
        }

    let pool kernel (pool: Pool) =
        let size, stride = kernel pool.Size, flat pool.Stride
        let isChanged = size <> pool.Size || stride <> pool.Stride

        {
            pool with
                Size = size
                Stride = stride
                Padding = keeping size (Isotropic 1) isChanged pool.Padding
        }

    // Zeros that follow upsampling; what is cropped follows from kernels.
    let zeros size =
        match size with
        | Isotropic n when n > 0 -> InPlane n
        | Axes(n, h, w) when n > 0 -> Axes(0, h, w)
        | size -> size

    // Slices that become channels do so once, before any downsampling.
    let block size =
        match size with
        | Axes(_, 1, 1) -> size
        | size -> flat size

    // A pool that is unpooled keeps the stride of its kernel.
    let level level =
        if unpools level.Up then
            { level with Down = rewritePools (pool flat) level.Down }
        else
            level

    let layers =
        rewriteLevels level
        >> rewriteConvs conv
        >> rewritePools (pool kernel)
        >> rewriteUpsampling flat
        >> rewriteBlockSizes block
        >> rewriteLayers (function
            | Pad(before, after) -> Pad(zeros before, zeros after)
            | layer -> layer)

    match network.SpatialDims with
    | ThreeD -> body layers network
    | TwoD -> network

/// A few slices in, one slice out: the average of their logits.
let slice network =
    let averaged head = chain [ head; avgOverDepth ]
    let averageHead (spec: EncoderDecoder) = { spec with Head = Option.map averaged spec.Head }

    let averageOutput block =
        match block with
        | Output spec when spec.Target <> Presence -> Output { spec with Head = averaged spec.Head }
        | block -> block

    match network.SpatialDims with
    | ThreeD when not (isSliced network) ->
        network
        |> anisotropic
        |> body (fun whole ->
            chain [
                whole |> rewriteFirstEncoderDecoder averageHead |> rewrite averageOutput
                avgOverDepth
            ])
    | _ -> network
