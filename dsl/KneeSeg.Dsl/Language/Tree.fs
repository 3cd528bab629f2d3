/// What is inside a block: the one place that knows where blocks hold others.
module KneeSeg.Dsl.Tree

open KneeSeg.Dsl.Spec

/// The blocks in which a level does something, with the names of these places.
let places level = [
    "encode", level.Encode
    match level.Scale with
    | Through(down, up) ->
        "down", down
        "up", up
    | Unpool _ -> ()
    match level.Skip with
    | Skip highway ->
        "skip", highway.Path

        match highway.Gate with
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
    | Given _
    | Recall _ -> []
    | Chain blocks
    | Fork(_, blocks) -> blocks
    | Cascade cascade -> cascade.Steps
    | Recur(_, block)
    | Tied(_, block)
    | Stage(_, block) -> [ block ]
    | Ladder(levels, bottom, head) -> [
        yield! levels |> List.collect (places >> List.map snd)
        bottom
        yield! Option.toList head
      ]
