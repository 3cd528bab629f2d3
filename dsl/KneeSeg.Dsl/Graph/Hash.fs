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
    string op.Gamma
    string op.Beta
    match op.Kind with
    | NormOpKind.Group groups -> string groups
    | NormOpKind.Batch
    | NormOpKind.Instance -> ()
]

let private activation activation channels = [
    yield! Activations.parameter activation |> Option.map real |> Option.toList
    match Activations.parameters activation channels with
    | 0 -> ()
    | learned -> string learned
]

/// What an operation has beside its name.
let private details op =
    match op with
    | Op.Input name -> [ name ]
    | Op.Conv op
    | Op.Deconv op -> conv op
    | Op.Norm op -> norm op
    | Op.Activation(op, channels) -> activation op channels
    | Op.Dropout(rate, wholeChannels) -> [
        real rate
        if not wholeChannels then
            "elements"
      ]
    | Op.MaxPool op
    | Op.AvgPool op
    | Op.Unpool op -> window op
    | Op.UpsampleNearest factor -> [ sizes factor ]
    | Op.UpsampleLinear(factor, alignCorners) -> [ sizes factor; string alignCorners ]
    | Op.TileChannels times -> [ string times ]
    | Op.Mean axes
    | Op.Max axes -> [ sizes axes ]
    | Op.AdaptiveAvgPool cells -> [ string cells ]
    | Op.Dense(inputs, outputs, bias) -> [ string inputs; string outputs; string bias ]
    | Op.Concat
    | Op.Add
    | Op.Multiply
    | Op.Broadcast -> []

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
