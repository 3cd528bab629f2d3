/// Functions on blocks: chaining, searching, rewriting. Scripts call these with anything, so a block beyond the limits is
/// left as it is: the elaborator refuses it later.
module KneeSeg.Dsl.Blocks

open System.Collections.Generic
open KneeSeg.Dsl.Spec

/// The blocks of a chain, with the chains inside it flattened. Beyond the limits: one block more than allowed, or the
/// block itself where there are too many chains.
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

/// One after another. Chains inside are flattened, so that equal networks are equal specs.
let chain blocks =
    match flat (Chain blocks) with
    | [ only ] -> only
    | parts -> Chain parts

/// Whether a block, or one inside it, satisfies a predicate.
let has (test: Block -> bool) block =
    let rec go block =
        test block || List.exists go (Tree.inside block)

    Limits.holds block && go block

let rec private rewritten stays change block =
    let go block =
        if stays block then block else rewritten stays change block

    let connection skip = {
        skip with
            Via = go skip.Via
            Gate =
                skip.Gate
                |> Option.map (fun gate -> {
                    Encoder = go gate.Encoder
                    Decoder = go gate.Decoder
                    Mask = go gate.Mask
                })
    }

    let level level = {
        Encode = go level.Encode
        Down = go level.Down
        Skip =
            match level.Skip with
            | Skip skip -> Skip(connection skip)
            | NoSkip -> NoSkip
        Up = go level.Up
        Decode = go level.Decode
    }

    change (
        match block with
        | Layer _
        | Input _
        | Recall _ -> block
        | Chain blocks -> chain (List.map go blocks)
        | Branches(join, blocks) -> Branches(join, List.map go blocks)
        | DenseBlock dense -> DenseBlock { dense with Steps = List.map go dense.Steps }
        | Recurrent(times, block) -> Recurrent(times, go block)
        | Tied(name, block) -> Tied(name, go block)
        | Stage(name, block) -> Stage(name, go block)
        | EncoderDecoder(levels, bottleneck, head) ->
            EncoderDecoder(List.map level levels, go bottleneck, Option.map go head)
    )

/// Changes every block, innermost first, except those that satisfy `stays` and all inside them.
let rewriteBut (stays: Block -> bool) (change: Block -> Block) block =
    if Limits.holds block then
        rewritten stays change block
    else
        block

/// Changes every block, innermost first.
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

/// Changes every normalization.
let rewriteNorms change =
    rewriteLayers (function
        | Norm norm -> Norm(change norm)
        | layer -> layer)

/// Changes every level of every encoder-decoder.
let rewriteLevels change =
    rewrite (function
        | EncoderDecoder(levels, bottleneck, head) -> EncoderDecoder(List.map change levels, bottleneck, head)
        | block -> block)

/// Changes the first encoder-decoder, but none inside it; nothing where there is none.
let tryRewriteFirstEncoderDecoder
    (change: Level list * Block * Block option -> Level list * Block * Block option)
    block
    =
    let rec go block =
        match block with
        | EncoderDecoder(levels, bottleneck, head) -> Some(EncoderDecoder(change (levels, bottleneck, head)))
        | Chain blocks -> first blocks |> Option.map chain
        | Branches(join, blocks) -> first blocks |> Option.map (fun blocks -> Branches(join, blocks))
        | DenseBlock dense ->
            first dense.Steps
            |> Option.map (fun steps -> DenseBlock { dense with Steps = steps })
        | Recurrent(times, block) -> go block |> Option.map (fun block -> Recurrent(times, block))
        | Tied(name, block) -> go block |> Option.map (fun block -> Tied(name, block))
        | Stage(name, block) -> go block |> Option.map (fun block -> Stage(name, block))
        | Layer _
        | Input _
        | Recall _ -> None

    and first blocks =
        blocks
        |> List.indexed
        |> List.tryPick (fun (i, block) ->
            go block |> Option.map (fun changed -> List.updateAt i changed blocks))

    if Limits.holds block then go block else None

/// Changes the first encoder-decoder, but none inside it.
let rewriteFirstEncoderDecoder change block =
    tryRewriteFirstEncoderDecoder change block |> Option.defaultValue block
