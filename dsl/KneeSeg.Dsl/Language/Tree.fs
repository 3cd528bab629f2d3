/// The blocks inside a block, to look at and to change: the one place that knows where blocks contain others.
module internal KneeSeg.Dsl.Tree

open KneeSeg.Dsl.Spec

/// The blocks of a level that run once, however many outputs it has.
let encoder level = [
    level.Encode
    level.Down
    match level.Skip with
    | Skip skip -> skip.Via
    | NoSkip -> ()
]

/// The blocks of a level's attention gate.
let gate level = [
    match level.Skip with
    | Skip { Gate = Some gate } ->
        gate.Encoder
        gate.Decoder
        gate.Mask
    | _ -> ()
]

/// The blocks directly inside a block.
let inside block =
    match block with
    | Layer _
    | Input _
    | Recall _ -> []
    | Chain blocks
    | Branches(_, blocks) -> blocks
    | DenseBlock dense -> dense.Steps
    | Recurrent(_, block)
    | Tied(_, block)
    | Shared(_, block)
    | Stage(_, block)
    | Output { Head = block } -> [ block ]
    | EncoderDecoder spec -> [
        for level in spec.Levels do
            yield! encoder level @ gate level @ [ level.Up; level.Decode ]
        spec.Bottleneck
        yield! Option.toList spec.Head
      ]

/// Changes what a connection goes through, where there is one.
let mapSkip change skip =
    match skip with
    | Skip connection -> Skip(change connection)
    | NoSkip -> NoSkip

let private mapLevel change level =
    let gate gate = {
        Encoder = change gate.Encoder
        Decoder = change gate.Decoder
        Mask = change gate.Mask
    }

    {
        Encode = change level.Encode
        Down = change level.Down
        Skip =
            level.Skip
            |> mapSkip (fun skip -> { skip with Via = change skip.Via; Gate = Option.map gate skip.Gate })
        Up = change level.Up
        Decode = change level.Decode
    }

/// Changes the blocks directly inside a block.
let mapInside change block =
    match block with
    | Layer _
    | Input _
    | Recall _ -> block
    | Chain blocks -> Chain(List.map change blocks)
    | Branches(join, blocks) -> Branches(join, List.map change blocks)
    | DenseBlock dense -> DenseBlock { dense with Steps = List.map change dense.Steps }
    | Recurrent(times, block) -> Recurrent(times, change block)
    | Tied(name, block) -> Tied(name, change block)
    | Shared(name, block) -> Shared(name, change block)
    | Stage(name, block) -> Stage(name, change block)
    | Output spec -> Output { spec with Head = change spec.Head }
    | EncoderDecoder spec ->
        EncoderDecoder {
            Levels = List.map (mapLevel change) spec.Levels
            Bottleneck = change spec.Bottleneck
            Head = Option.map change spec.Head
        }
