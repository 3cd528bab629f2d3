/// Names a network by what it computes. Equal networks have equal hashes however their specs are written, stored or named.
module internal KneeSeg.Dsl.Hash

open System
open System.Globalization
open System.Security.Cryptography
open System.Text

let private sizes (numbers: int[]) = String.Join('x', numbers)

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
]

let private window (op: WindowOp) = [ sizes op.Size; sizes op.Stride; sizes op.Before; sizes op.After ]

let private norm (op: NormOp) = [
    string op.Channels
    real op.Epsilon
    real op.Momentum
    string op.Scale
    string op.Shift
]

/// What an operation has beside its name.
let private details op =
    match op with
    | Op.Input name -> [ name ]
    | Op.Conv op
    | Op.Deconv op -> conv op
    | Op.BatchNorm op
    | Op.InstanceNorm op -> norm op
    | Op.GroupNorm(op, groups) -> norm op @ [ string groups ]
    | Op.LeakyRelu slope -> [ real slope ]
    | Op.PRelu channels -> [ string channels ]
    | Op.Dropout(rate, wholeChannels) -> [
        real rate
        if not wholeChannels then
            "elements"
      ]
    | Op.MaxPool op
    | Op.MeanPool op
    | Op.Unpool op -> window op
    | Op.Repeat factor -> [ sizes factor ]
    | Op.Interpolate(factor, alignCorners) -> [ sizes factor; string alignCorners ]
    | Op.RepeatChannels times -> [ string times ]
    | Op.MeanOver axes
    | Op.MaxOver axes -> [ sizes axes ]
    | Op.MeanGrid cells -> [ string cells ]
    | Op.Dense(inputs, outputs, bias) -> [ string inputs; string outputs; string bias ]
    | Op.Relu
    | Op.Elu
    | Op.Selu
    | Op.Sigmoid
    | Op.Tanh
    | Op.Concat
    | Op.Add
    | Op.Multiply
    | Op.Spread -> []

/// 16 hexadecimal digits for a graph's operations, with what they are applied to and whose weights they use.
let ofGraph (axes: int) (nodes: Node seq) (output: int) (heads: int seq) =
    let ids = nodes |> Seq.map (fun node -> node.Stage, node.Id) |> dict

    let line (node: Node) =
        let weights =
            if node.Weights = "" then
                "none"
            else
                string ids[node.Weights]

        String.Join(
            ' ',
            [
                Ops.name node.Op
                yield! details node.Op
                String.Join(',', node.Args)
                weights
            ]
        )

    let lines = [
        $"{axes}D"
        yield! Seq.map line nodes
        String.Join(',', Seq.append [ output ] heads)
    ]

    let digest = SHA256.HashData(Encoding.UTF8.GetBytes(String.Join('\n', lines)))
    Convert.ToHexStringLower(digest).Substring(0, 16)
