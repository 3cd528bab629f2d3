/// Blocks as trees: putting them in a row, looking inside, changing them everywhere.
module KneeSeg.Dsl.Blocks

open KneeSeg.Dsl.Spec

/// The parts of a row, with the rows inside it opened.
let rec flat block =
    match block with
    | Chain blocks -> List.collect flat blocks
    | block -> [ block ]

/// One after another. Rows inside are opened, so that equal networks are equal specs.
let chain blocks =
    match List.collect flat blocks with
    | [ only ] -> only
    | blocks -> Chain blocks

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

/// Whether a block or one inside it is so.
let rec has (test: Block -> bool) block =
    test block || List.exists (has test) (inside block)

/// Changes every block, from the inside out, but leaves some alone with all that is inside them.
let rec rewriteBut (stays: Block -> bool) (change: Block -> Block) block =
    let go block =
        if stays block then block else rewriteBut stays change block

    let highway highway = {
        highway with
            Path = go highway.Path
            Gate =
                highway.Gate
                |> Option.map (fun gate -> {
                    Encoder = go gate.Encoder
                    Decoder = go gate.Decoder
                    Mask = go gate.Mask
                })
    }

    let level level = {
        Encode = go level.Encode
        Scale =
            match level.Scale with
            | Through(down, up) -> Through(go down, go up)
            | Unpool by -> Unpool by
        Skip =
            match level.Skip with
            | Skip over -> Skip(highway over)
            | NoSkip -> NoSkip
        Decode = go level.Decode
    }

    change (
        match block with
        | Layer _
        | Given _
        | Recall _ -> block
        | Chain blocks -> chain (List.map go blocks)
        | Fork(join, sides) -> Fork(join, List.map go sides)
        | Cascade cascade ->
            Cascade {
                cascade with
                    Steps = List.map go cascade.Steps
            }
        | Recur(times, block) -> Recur(times, go block)
        | Tied(name, block) -> Tied(name, go block)
        | Stage(name, block) -> Stage(name, go block)
        | Ladder(levels, bottom, head) -> Ladder(List.map level levels, go bottom, Option.map go head)
    )

/// Changes every block, from the inside out.
let rewrite change block =
    rewriteBut (fun _ -> false) change block

/// Changes every layer.
let rewriteLayers change =
    rewrite (function
        | Layer layer -> Layer(change layer)
        | block -> block)

/// Changes every convolution, transposed ones too.
let rewriteConvs change =
    rewriteLayers (function
        | Conv conv -> Conv(change conv)
        | Deconv conv -> Deconv(change conv)
        | layer -> layer)

/// Changes every normalisation.
let rewriteNorms change =
    rewriteLayers (function
        | Norm norm -> Norm(change norm)
        | layer -> layer)

/// Changes every level of every ladder.
let rewriteLevels change =
    rewrite (function
        | Ladder(levels, bottom, head) -> Ladder(List.map change levels, bottom, head)
        | block -> block)

/// Changes the first ladder that is met, and nothing inside others.
let rewriteFirstLadder
    (change: Level list * Block * Block option -> Level list * Block * Block option)
    block
    =
    let rec go block =
        match block with
        | Ladder(levels, bottom, head) -> Some(Ladder(change (levels, bottom, head)))
        | Chain blocks -> first blocks |> Option.map chain
        | Fork(join, sides) -> first sides |> Option.map (fun sides -> Fork(join, sides))
        | Cascade cascade ->
            first cascade.Steps
            |> Option.map (fun steps -> Cascade { cascade with Steps = steps })
        | Recur(times, block) -> go block |> Option.map (fun block -> Recur(times, block))
        | Tied(name, block) -> go block |> Option.map (fun block -> Tied(name, block))
        | Stage(name, block) -> go block |> Option.map (fun block -> Stage(name, block))
        | Layer _
        | Given _
        | Recall _ -> None

    and first blocks =
        match blocks with
        | [] -> None
        | head :: tail ->
            match go head with
            | Some changed -> Some(changed :: tail)
            | None -> first tail |> Option.map (fun tail -> head :: tail)

    go block |> Option.defaultValue block
