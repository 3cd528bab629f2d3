/// Functions from network to network, for any network they make sense for.
[<AutoOpen>]
module KneeSeg.Dsl.Variants

open System
open System.Globalization
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Blocks

/// The network without its name.
let internal unnamed (network: Network) = { network with Name = ""; Variants = [] }

/// A change of your own, under a label that is shown after the network's name: `variant "norm=instance" (withNorm InstanceNorm)`
/// makes `unet3d` to `unet3d+norm=instance`. In tables, what is before the `=` is a column.
let variant label (change: Network -> Network) (network: Network) = {
    change network with
        Variants = network.Variants @ [ label ]
}

/// The same, and without the labels of earlier changes that it undoes; a change of nothing leaves no label.
let private labelled label undoes change (network: Network) =
    if not (Limits.holds network.Body) then
        network
    else
        let changed = change network

        if unnamed changed = unnamed network then
            network
        else
            {
                changed with
                    Variants = List.filter (undoes >> not) network.Variants @ [ label ]
            }

let private nothing (_: string) = false

let private body change (network: Network) = { network with Body = change network.Body }

let private changeSkip change (level: Level) = { level with Skip = Tree.mapSkip change level.Skip }

/// Every width times a factor; exact widths and classes stay.
let scaled (factor: float) =
    let width width =
        match width with
        | Channels n ->
            let scaled = Math.Round(float n * factor, MidpointRounding.AwayFromZero)
            Channels(int (Math.Clamp(scaled, 1.0, float Int32.MaxValue)))
        | width -> width

    // An output has as many channels as its target.
    rewriteBut _.IsOutput (function
        | Layer(Conv conv) -> Layer(Conv { conv with Out = width conv.Out })
        | Layer(Deconv conv) -> Layer(Deconv { conv with Out = width conv.Out })
        | Layer(TileChannels out) -> Layer(TileChannels(width out))
        | Layer(PadChannels out) -> Layer(PadChannels(width out))
        | block -> block)
    |> body
    |> labelled (String.Format(CultureInfo.InvariantCulture, "width={0}", factor)) nothing

/// No skip connections, nor what decoders recall of encoders.
let withoutSkips =
    rewriteLevels (fun level -> { level with Skip = NoSkip })
    >> Crossings.removed
    |> body
    |> labelled "no-skips" (fun label -> label = "gated" || label = "nested")

/// Attention gates on the skip connections (Oktay et al. 2018).
let gated =
    let gate skip = { skip with Gate = skip.Gate |> Option.orElse (Some attention) }
    body (rewriteLevels (changeSkip gate)) |> labelled "gated" nothing

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
    |> labelled "nested" nothing

/// A convolution, with the norms, activations and dropouts behind it.
type private Unit = { Conv: Conv; Behind: Block list }

let private isPlain (conv: Conv) =
    conv.Stride = Isotropic 1 && not conv.Padding.IsExplicit && conv.Out <> Classes

/// The units that a chain begins with, as far as their strides are 1, and the rest of the chain.
let private units blocks =
    let isBehind block =
        match block with
        | Layer(Norm _ | Activation _ | ChannelDropout _ | Dropout _ | StochasticDepth _)
        | Tied(_, Layer(Norm _)) -> true
        | _ -> false

    let rec split found blocks =
        match blocks with
        | Layer(Conv conv) :: tail when isPlain conv ->
            let behind = List.takeWhile isBehind tail
            split ({ Conv = conv; Behind = behind } :: found) (List.skip behind.Length tail)
        | rest -> List.rev found, rest

    split [] blocks

/// Whether units can be recurrent: one mixes voxels, not all are convolutions alone, and the last one's width does not depend on
/// another's.
let private canRecur units =
    let isAbsolute width =
        match width with
        | Channels _
        | Exactly _ -> true
        | _ -> false

    match List.rev units with
    | [] -> false
    | last :: before ->
        List.exists (fun unit -> unit.Conv.Kernel <> Isotropic 1) units
        && List.exists (fun unit -> not unit.Behind.IsEmpty) units
        && (isAbsolute last.Conv.Out
            || List.forall (fun unit -> unit.Conv.Out = sameChannels) before)

/// Each unit as a recurrent one, on feature maps of the last unit's width.
let private recurrentUnits units =
    chain [
        for unit in units ->
            recurrent 2 (chain (Layer(Conv { unit.Conv with Out = sameChannels }) :: unit.Behind))
    ]

/// A convolution with kernel 1 to the width of the last unit.
let private projection units =
    Layer(Conv { (List.last units).Conv with Kernel = Isotropic 1; Dilation = Isotropic 1 })

/// The recurrent residual blocks of R2U-Net (Alom et al. 2018). In encoders, downsampling, decoders, the bottleneck and around
/// encoder-decoders, convolutions one after another become a projection to their width and a residual of recurrent ones; so
/// do those of an upsampling that is nothing else. In a residual whose convolutions all have the same width, these become
/// recurrent.
let recurrentResidual =
    let ofRow found =
        if canRecur found then
            Some(chain [ projection found; residual (recurrentUnits found) ])
        else
            None

    let inResidual block =
        match block with
        | Branches(Add, [ path; body ]) ->
            match units (flat body) with
            | found, [] when canRecur found ->
                match found |> List.map _.Conv.Out |> List.distinct with
                | [ Fraction 1 ] -> shortcut path (recurrentUnits found)
                | [ _ ] -> shortcut path (chain [ projection found; recurrentUnits found ])
                | _ -> block
            | _ -> block
        | block -> block

    let residuals block =
        match block with
        | EncoderDecoder _ -> block
        | block -> rewriteBut _.IsEncoderDecoder inResidual block

    let rec rows block =
        match block with
        | Stage(name, inner) -> Stage(name, rows inner)
        | block -> chain (row (flat block))

    and row blocks =
        match units blocks with
        | [], [] -> []
        | [], Stage(name, inner) :: rest -> Stage(name, rows inner) :: row rest
        | [], other :: rest -> other :: row rest
        | found, rest ->
            match ofRow found with
            | Some block -> block :: row rest
            | None -> List.truncate (blocks.Length - rest.Length) blocks @ row rest

    let rec whole block =
        match block with
        | Stage(name, inner) -> Stage(name, whole inner)
        | block ->
            match units (flat block) with
            | found, [] -> ofRow found |> Option.defaultValue block
            | _ -> block

    let everywhere = rows >> residuals

    let level (level: Level) = {
        level with
            Encode = everywhere level.Encode
            Down = everywhere level.Down
            Up = residuals (whole level.Up)
            Decode = everywhere level.Decode
    }

    rewriteEncoderDecoders (fun spec -> {
        spec with
            Levels = List.map level spec.Levels
            Bottleneck = everywhere spec.Bottleneck
    })
    >> everywhere
    |> body
    |> labelled "recurrent" nothing

/// How many convolutions that mix voxels are not recurrent.
let internal unrecurrent (network: Network) =
    let rec count block =
        match block with
        | Recurrent _ -> 0
        | Layer(Conv conv) ->
            if conv.Kernel = Isotropic 1 || conv.Out = Classes then
                0
            else
                1
        | block -> Tree.inside block |> List.sumBy count

    count network.Body

/// Whether a chain begins by making a vector.
let private makesVector block =
    match flat block with
    | (Input _ | Layer(AdaptiveAvgPool _ | Reduce(_, Global))) :: _ -> true
    | _ -> false

/// Another kind of normalization for feature maps. Vectors keep theirs, since most kinds turn a single number to zero.
let withNorm kind =
    let label =
        match kind with
        | InstanceNorm -> "instance-norm"
        | GroupNormUpTo 8 -> "group-norm"
        | BatchNorm -> "norm=batch"
        | ChannelLayerNorm -> "norm=channel-layer"
        | GroupNorm groups
        | GroupNormUpTo groups -> $"norm=group-{groups}"

    rewriteBut makesVector (function
        | Layer(Norm norm) -> Layer(Norm { norm with Kind = kind })
        | block -> block)
    |> body
    |> labelled label (fun label -> label.StartsWith "norm=" || label.EndsWith "-norm")

let private unpools = has ((=) unpool)

let private conditioned vector isConditioned =
    let conditioned (level: Level) =
        if unpools level.Up then
            { level with Decode = chain [ addScalar vector; level.Decode ] }
        else
            { level with Up = chain [ level.Up; addScalar vector ] }

    rewriteEncoderDecoders (fun spec ->
        match List.rev spec.Levels with
        | coarsest :: finer when not (isConditioned spec) -> {
            spec with
                Levels = List.rev (conditioned coarsest :: finer)
          }
        | _ -> spec)

/// Conditions a network on a vector: the vector, reduced to one number, is added to the first upsampled feature map of
/// every encoder-decoder, before the skip connection.
let conditionedOn vector =
    body (conditioned vector (fun _ -> false)) |> labelled "conditioned" nothing

let rec private takesPosition block =
    match block with
    | Input Position -> true
    | EncoderDecoder _ -> false
    | block -> List.exists takesPosition (Tree.inside block)

/// Conditions every encoder-decoder on the patch's position in the volume, unless it or what is around it takes the position
/// already.
let relative =
    let isConditioned spec =
        EncoderDecoder spec |> Tree.inside |> List.exists takesPosition

    (fun (network: Network) ->
        if takesPosition network.Body then
            network
        else
            body (conditioned position isConditioned) network)
    |> labelled "relative" nothing

/// The average over depth that ends a network of slices.
let private isAverage block =
    match block with
    | Layer(Reduce(Average, (OverDepth | OverSlices _))) -> true
    | _ -> false

/// Deep supervision (Lee et al. 2015): in training, the outputs of all levels are compared with the labels, each through
/// a classifier of its own.
let deeplySupervised =
    let supervise (network: Network) =
        let classifier =
            chain [ classify; yield! flat network.Body |> List.filter isAverage ]

        body
            (rewriteEncoderDecoders (fun spec ->
                if spec.Levels.Length > 1 then
                    { spec with Head = Option.orElse (Some classifier) spec.Head }
                else
                    spec))
            network

    supervise |> labelled "deep-supervision" nothing

/// How many encoder-decoders have a single level, hence no earlier output to supervise.
let internal unsupervised (network: Network) =
    let rec count block =
        let inside = Tree.inside block |> List.sumBy count

        match block with
        | EncoderDecoder { Head = None } -> inside + 1
        | _ -> inside

    count network.Body

/// The same network for volumes.
let volumetric =
    (fun (network: Network) -> { network with SpatialDims = ThreeD })
    |> labelled "3d" nothing

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
let anisotropic =
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

    (fun (network: Network) ->
        match network.SpatialDims with
        | ThreeD -> body layers network
        | TwoD -> network)
    |> labelled "anisotropic" nothing

let private sliced average label =
    let averaged head = chain [ head; average ]

    let averageOutput block =
        match block with
        | EncoderDecoder spec -> EncoderDecoder { spec with Head = Option.map averaged spec.Head }
        | Output spec when spec.Target <> Presence -> Output { spec with Head = averaged spec.Head }
        | block -> block

    let change (network: Network) =
        match network.SpatialDims with
        | ThreeD when not (List.exists isAverage (flat network.Body)) ->
            network
            |> anisotropic
            |> body (fun whole -> chain [ rewrite averageOutput whole; average ])
        | _ -> network

    change |> labelled label ((=) "anisotropic")

/// A few slices in, one slice out: the average of their logits.
let slice = sliced avgOverDepth "slice"

/// So many slices in, one slice out: the average of their logits.
let sliceOf count =
    sliced (avgOverSlices count) $"slice={count}"
