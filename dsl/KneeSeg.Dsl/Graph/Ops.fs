/// What primitive operations are called, and how many numbers they learn.
module KneeSeg.Dsl.Ops

/// The operation's name, such as "conv".
let name op =
    match op with
    | Op.Input _ -> "input"
    | Op.Conv _ -> "conv"
    | Op.Deconv _ -> "deconv"
    | Op.Norm { Kind = NormOpKind.Batch } -> "batch norm"
    | Op.Norm { Kind = NormOpKind.Instance } -> "instance norm"
    | Op.Norm { Kind = NormOpKind.Group _ } -> "group norm"
    | Op.Activation(activation, _) -> Activations.name activation
    | Op.Dropout _ -> "dropout"
    | Op.MaxPool _ -> "max pool"
    | Op.AvgPool _ -> "mean pool"
    | Op.Unpool _ -> "unpool"
    | Op.UpsampleNearest _ -> "repeat"
    | Op.UpsampleLinear _ -> "interpolate"
    | Op.TileChannels _ -> "repeat channels"
    | Op.Concat -> "concat"
    | Op.Add -> "add"
    | Op.Multiply -> "multiply"
    | Op.Mean _ -> "mean"
    | Op.Max _ -> "max"
    | Op.AdaptiveAvgPool _ -> "mean grid"
    | Op.Broadcast -> "spread"
    | Op.Dense _ -> "dense"

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
    | Op.Activation(activation, channels) -> bigint (Activations.parameters activation channels)
    | Op.Dense(inputs, outputs, bias) -> product [ inputs; outputs ] + count bias outputs
    | _ -> 0I

/// Whether it keeps numbers of its own: learnt ones, or running statistics.
let hasWeights op =
    match op with
    | Op.Norm { Kind = NormOpKind.Batch } -> true
    | op -> parameters op > 0I
