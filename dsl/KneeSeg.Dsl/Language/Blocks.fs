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

/// Changes the blocks directly inside a block, which stays flat.
let private inside change block =
    match Tree.mapInside change block with
    | Chain parts -> chain parts
    | block -> block

/// Changes every block, innermost first, except those that satisfy `stays` and all inside them.
let rewriteBut (stays: Block -> bool) (change: Block -> Block) block =
    let rec go block =
        change (inside (fun block -> if stays block then block else go block) block)
        |> Marks.hand block

    if Limits.holds block then go block else block

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

/// Changes every pool.
let rewritePools change =
    rewriteLayers (function
        | Pool pool -> Pool(change pool)
        | layer -> layer)

/// Changes the factor of every upsampling.
let rewriteUpsampling change =
    rewriteLayers (function
        | UpsampleNearest by -> UpsampleNearest(change by)
        | UpsampleLinear(by, alignCorners) -> UpsampleLinear(change by, alignCorners)
        | layer -> layer)

/// Changes the block size of every layer that moves voxels to channels or back.
let rewriteBlockSizes change =
    rewriteLayers (function
        | SpaceToChannels(block, order) -> SpaceToChannels(change block, order)
        | ChannelsToSpace(block, order) -> ChannelsToSpace(change block, order)
        | layer -> layer)

/// Changes every normalization.
let rewriteNorms change =
    rewriteLayers (function
        | Norm norm -> Norm(change norm)
        | layer -> layer)

/// Changes every encoder-decoder, innermost first.
let rewriteEncoderDecoders change =
    rewrite (function
        | EncoderDecoder spec -> EncoderDecoder(change spec)
        | block -> block)

/// Changes every level of every encoder-decoder.
let rewriteLevels change =
    rewriteEncoderDecoders (fun spec -> { spec with Levels = List.map change spec.Levels })

/// Changes the first encoder-decoder, but none inside it; nothing where there is none.
let tryRewriteFirstEncoderDecoder (change: EncoderDecoder -> EncoderDecoder) block =
    let mutable found = false

    let rec go block =
        match block with
        | _ when found -> block
        | EncoderDecoder spec ->
            found <- true
            EncoderDecoder(change spec)
        | block -> inside go block

    let changed = if Limits.holds block then go block else block
    if found then Some changed else None

/// Changes the first encoder-decoder, but none inside it.
let rewriteFirstEncoderDecoder change block =
    tryRewriteFirstEncoderDecoder change block |> Option.defaultValue block
