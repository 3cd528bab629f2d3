/// What primitive operations are called, and how many numbers they learn.
module KneeSeg.Dsl.Ops

/// The operation's name, such as "conv".
let name op =
    match op with
    | Op.Input _ -> "input"
    | Op.Conv _ -> "conv"
    | Op.Deconv _ -> "deconv"
    | Op.BatchNorm _ -> "batch norm"
    | Op.InstanceNorm _ -> "instance norm"
    | Op.GroupNorm _ -> "group norm"
    | Op.Relu -> "relu"
    | Op.LeakyRelu _ -> "leaky relu"
    | Op.PRelu _ -> "prelu"
    | Op.Elu -> "elu"
    | Op.Selu -> "selu"
    | Op.Sigmoid -> "sigmoid"
    | Op.Tanh -> "tanh"
    | Op.Dropout _ -> "dropout"
    | Op.MaxPool _ -> "max pool"
    | Op.MeanPool _ -> "mean pool"
    | Op.Unpool _ -> "unpool"
    | Op.Repeat _ -> "repeat"
    | Op.Interpolate _ -> "interpolate"
    | Op.RepeatChannels _ -> "repeat channels"
    | Op.Concat -> "concat"
    | Op.Add -> "add"
    | Op.Multiply -> "multiply"
    | Op.MeanOver _ -> "mean"
    | Op.MaxOver _ -> "max"
    | Op.MeanGrid _ -> "mean grid"
    | Op.Spread -> "spread"
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
    | Op.BatchNorm norm
    | Op.InstanceNorm norm
    | Op.GroupNorm(norm, _) -> count norm.Scale norm.Channels + count norm.Shift norm.Channels
    | Op.PRelu channels -> bigint channels
    | Op.Dense(inputs, outputs, bias) -> product [ inputs; outputs ] + count bias outputs
    | _ -> 0I

/// Whether it keeps numbers of its own: learnt ones, or running statistics.
let hasWeights op =
    match op with
    | Op.Conv _
    | Op.Deconv _
    | Op.BatchNorm _
    | Op.PRelu _
    | Op.Dense _ -> true
    | Op.InstanceNorm norm
    | Op.GroupNorm(norm, _) -> norm.Scale || norm.Shift
    | _ -> false
