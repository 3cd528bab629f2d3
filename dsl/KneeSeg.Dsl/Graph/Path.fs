namespace KneeSeg.Dsl

open System

/// One step of the way from a network to a node. Printed, a path is `level 2/decode/conv 1`; weights are stored under
/// such names, so what a step prints never changes.
[<RequireQualifiedAccess>]
type Step =
    /// An input of the network.
    | Input of Name: string
    // An encoder-decoder: a level's parts, and what is below the last.
    | EncoderDecoder of Number: int
    | Level of Number: int
    | Encode
    | Down
    | Bottleneck
    | Up
    | Skip
    | Gate
    | Join
    | Decode
    | Head
    /// A nested level decodes once for every output from below.
    | Answer of Number: int
    // Inside a gate.
    | GateEncoder
    | GateDecoder
    | Mask
    /// The only sum or product of a gate or a pass.
    | Add
    | Multiply
    // Blocks of blocks, numbered among their kind, and what is inside.
    | Concat of Number: int
    | Sum of Number: int
    | Product of Number: int
    | Side of Number: int
    /// A side of a concatenation, repeated along the axes of the others.
    | Spread of Number: int
    | DenseBlock of Number: int
    | DenseLayer of Number: int
    | Recurrent of Number: int
    | Pass of Number: int
    | AuxiliaryInput of Number: int
    | Recall of Number: int
    | Layer of Kind: string * Number: int
    // What people name.
    | Stage of Name: string
    | Output of Name: string
    | Tied of Name: string * Number: int
    | Shared of Name: string * Number: int

    override step.ToString() =
        match step with
        | Input name
        | Stage name
        | Output name -> name
        | EncoderDecoder n -> $"ladder {n}"
        | Level n -> $"level {n}"
        | Encode -> "encode"
        | Down -> "down"
        | Bottleneck -> "bottom"
        | Up -> "up"
        | Skip -> "skip"
        | Gate -> "gate"
        | Join -> "join"
        | Decode -> "decode"
        | Head -> "head"
        | Answer n -> $"answer {n}"
        | GateEncoder -> "encoder"
        | GateDecoder -> "decoder"
        | Mask -> "mask"
        | Add -> "sum"
        | Multiply -> "product"
        | Concat n -> $"concat {n}"
        | Sum n -> $"sum {n}"
        | Product n -> $"product {n}"
        | Side n -> $"side {n}"
        | Spread n -> $"spread {n}"
        | DenseBlock n -> $"cascade {n}"
        | DenseLayer n -> $"step {n}"
        | Recurrent n -> $"recur {n}"
        | Pass n -> $"pass {n}"
        | AuxiliaryInput n -> $"given {n}"
        | Recall n -> $"recall {n}"
        | Layer(name, n)
        | Tied(name, n)
        | Shared(name, n) -> $"{name} {n}"

[<RequireQualifiedAccess>]
module internal Path =
    /// "level 2/decode/conv 1".
    let text (path: Step seq) = String.Join('/', path)
