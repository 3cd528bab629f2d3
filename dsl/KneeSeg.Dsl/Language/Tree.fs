/// The blocks inside a block: the one place that knows where blocks contain others.
module KneeSeg.Dsl.Tree

open KneeSeg.Dsl.Spec

/// The blocks of a level, each with the name of its place.
let places level = [
    "encode", level.Encode
    "down", level.Down
    "up", level.Up
    match level.Skip with
    | Skip skip ->
        "skip", skip.Via

        match skip.Gate with
        | Some gate ->
            "gate", gate.Encoder
            "gate", gate.Decoder
            "gate", gate.Mask
        | None -> ()
    | NoSkip -> ()
    "decode", level.Decode
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
    | Stage(_, block) -> [ block ]
    | EncoderDecoder(levels, bottleneck, head) -> [
        yield! levels |> List.collect (places >> List.map snd)
        bottleneck
        yield! Option.toList head
      ]
