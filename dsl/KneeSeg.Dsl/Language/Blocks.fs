/// Putting blocks in a row, looking for some, changing them everywhere. Scripts call this with anything, so a block
/// beyond the limits is left as it is: whatever it is put into is refused later, by name.
module KneeSeg.Dsl.Blocks

open System.Collections.Generic
open KneeSeg.Dsl.Spec

/// The parts of a row, with the rows inside it opened. Of more parts than a spec may have, one too many are given;
/// rows inside rows beyond number stay closed.
let flat block =
    let parts = ResizeArray()
    let waiting = Stack [ block ]
    let mutable opened = 0

    while waiting.Count > 0 && parts.Count <= Limits.blocks && opened <= Limits.blocks do
        match waiting.Pop() with
        | Chain blocks ->
            opened <- opened + 1
            List.iter waiting.Push (List.rev blocks)
        | part -> parts.Add part

    if opened > Limits.blocks then
        [ block ]
    else
        List.ofSeq parts

/// One after another. Rows inside are opened, so that equal networks are equal specs.
let chain blocks =
    match flat (Chain blocks) with
    | [ only ] -> only
    | parts -> Chain parts

/// Whether a block or one inside it is so.
let has (test: Block -> bool) block =
    let rec go block =
        test block || List.exists go (Tree.inside block)

    Limits.holds block && go block

let rec private rewritten stays change block =
    let go block =
        if stays block then block else rewritten stays change block

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

/// Changes every block, from the inside out, but leaves some alone with all that is inside them.
let rewriteBut (stays: Block -> bool) (change: Block -> Block) block =
    if Limits.holds block then
        rewritten stays change block
    else
        block

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
        blocks
        |> List.indexed
        |> List.tryPick (fun (i, block) ->
            go block |> Option.map (fun changed -> List.updateAt i changed blocks))

    if Limits.holds block then
        go block |> Option.defaultValue block
    else
        block
