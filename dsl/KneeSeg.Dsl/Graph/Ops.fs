/// What primitive operations are called, what tells two of one name apart, and how many numbers they learn.
module KneeSeg.Dsl.Ops

open System
open System.Globalization

/// "2x2x2".
let internal sizes (numbers: int[]) = String.Join('x', numbers)

let private real (x: float) =
    x.ToString("R", CultureInfo.InvariantCulture)

let private conv (op: ConvOp) = [
    string op.In
    string op.Out
    sizes op.Kernel
    sizes op.Stride
    sizes op.Dilation
    sizes op.Before
    sizes op.After
    string op.Groups
    string op.Bias
    if op.Standardized then
        "standardized"
]

let private window (op: WindowOp) = [ sizes op.Size; sizes op.Stride; sizes op.Before; sizes op.After ]

let private norm (op: NormOp) =
    let numbers = [
        string op.Channels
        real op.Epsilon
        real op.Momentum
        string op.Gamma
        string op.Beta
    ]

    match op.Kind with
    | NormOpKind.Batch -> "batch norm", numbers
    | NormOpKind.Instance -> "instance norm", numbers
    | NormOpKind.Group groups -> "group norm", numbers @ [ string groups ]
    | NormOpKind.ChannelLayer -> "channel layer norm", numbers

let private attention (op: AttentionOp) =
    "attention",
    [
        string op.Channels
        string op.Heads
        if op.HasWindow then
            sizes op.Window
            string op.Shifted
    ]

let private activation activation channels =
    let slope = Activations.parameter activation |> Option.map real
    let learned = Activations.parameters activation channels

    Activations.name activation,
    [
        yield! Option.toList slope
        if learned > 0 then
            string learned
    ]

/// The operation's name, and its numbers as a network's hash has them: neither ever changes.
let internal describe op =
    match op with
    | Op.Input name -> "input", [ name ]
    | Op.Conv op -> "conv", conv op
    | Op.Deconv op -> "deconv", conv op
    | Op.Norm op -> norm op
    | Op.GlobalResponseNorm(channels, epsilon) -> "global response norm", [ string channels; real epsilon ]
    | Op.Activation(op, channels) -> activation op channels
    | Op.Dropout(rate, DropoutUnit.Channel) -> "dropout", [ real rate ]
    | Op.Dropout(rate, DropoutUnit.Element) -> "dropout", [ real rate; "elements" ]
    | Op.Dropout(rate, DropoutUnit.Image) -> "dropout", [ real rate; "images" ]
    | Op.MaxPool op -> "max pool", window op
    | Op.AvgPool op -> "mean pool", window op
    | Op.Unpool op -> "unpool", window op
    | Op.Pad(before, after) -> "pad", [ sizes before; sizes after ]
    | Op.UpsampleNearest factor -> "repeat", [ sizes factor ]
    | Op.UpsampleLinear(factor, alignCorners) -> "interpolate", [ sizes factor; string alignCorners ]
    | Op.TileChannels times -> "repeat channels", [ string times ]
    | Op.PadChannels(before, after) -> "pad channels", [ string before; string after ]
    | Op.ChannelGroup(index, groups) -> "channel group", [ string index; string groups ]
    | Op.SpaceToChannels(block, voxelByVoxel) -> "space to channels", [ sizes block; string voxelByVoxel ]
    | Op.ChannelsToSpace(block, voxelByVoxel) -> "channels to space", [ sizes block; string voxelByVoxel ]
    | Op.Concat -> "concat", []
    | Op.Add -> "add", []
    | Op.Multiply -> "multiply", []
    | Op.Mean axes -> "mean", [ sizes axes ]
    | Op.Max axes -> "max", [ sizes axes ]
    | Op.MeanOverChannels -> "mean over channels", []
    | Op.MaxOverChannels -> "max over channels", []
    | Op.ArgmaxOverChannels -> "argmax over channels", []
    | Op.AdaptiveAvgPool cells -> "mean grid", [ string cells ]
    | Op.Attention op -> attention op
    | Op.PositionEmbedding(channels, size) -> "position embedding", [ string channels; sizes size ]
    | Op.Broadcast -> "spread", []
    | Op.Dense(inputs, outputs, bias) -> "dense", [ string inputs; string outputs; string bias ]

/// The operation's name, such as "conv".
let name op = fst (describe op)

let private product numbers =
    numbers |> Seq.fold (fun all (n: int) -> all * bigint n) 1I

let private count yes (n: int) = if yes then bigint n else 0I

/// The numbers of one filter bank without its biases: what a convolution multiplies for each voxel.
let filters (conv: ConvOp) =
    product [ conv.In / conv.Groups; conv.Out; yield! conv.Kernel ]

/// Learnt numbers; whole numbers of any size, since a spec may ask for anything.
let parameters op =
    match op with
    | Op.Conv conv
    | Op.Deconv conv -> filters conv + count conv.Bias conv.Out
    | Op.Norm norm -> count norm.Gamma norm.Channels + count norm.Beta norm.Channels
    | Op.GlobalResponseNorm(channels, _) -> 2I * bigint channels
    | Op.Activation(activation, channels) -> bigint (Activations.parameters activation channels)
    | Op.Dense(inputs, outputs, bias) -> product [ inputs; outputs ] + count bias outputs
    | Op.Attention op when op.HasWindow ->
        let positions = [ for length in op.Window -> 2 * length - 1 ]
        3I * bigint op.Channels + product (op.Heads :: positions)
    | Op.PositionEmbedding(channels, size) -> product [ channels; yield! size ]
    | _ -> 0I

/// Whether it keeps numbers of its own: learnt ones, or running statistics.
let hasWeights op =
    match op with
    | Op.Norm { Kind = NormOpKind.Batch } -> true
    | op -> parameters op > 0I
