/// How deep and how large a spec may be. It is checked, without recursion, where specs come in: a script's result, JSON, a
/// variant's network, and what an F# program elaborates. What is inside the limits cannot overflow a stack or a count.
module KneeSeg.Dsl.Limits

open System.Collections.Generic
open KneeSeg.Dsl.Spec

/// Blocks inside blocks.
let depth = 256

/// Blocks, counted as often as they run.
let blocks = 10_000

/// Channels of a feature map.
let channels = 65_536

/// A kernel, a stride, a dilation or a factor along one axis.
let size = 128

/// Voxels along one axis of an input.
let axis = 65_536

/// The blocks inside with how often each runs when the outer runs once.
let private runs block =
    match block with
    | Recurrent(times, inner) -> [ inner, float times + 1.0 ]
    | EncoderDecoder spec ->
        let count = spec.Levels.Length

        [
            for i, level in List.indexed spec.Levels do
                let outputs =
                    match level.Skip with
                    | Skip { Nested = true } -> float (count - i)
                    | _ -> 1.0

                for inner in Tree.encoder level do
                    inner, 1.0

                for inner in [ level.Up; level.Decode ] @ Tree.gate level do
                    inner, outputs
            spec.Bottleneck, 1.0

            for head in Option.toList spec.Head do
                head, float count
        ]
    | block -> [ for inner in Tree.inside block -> inner, 1.0 ]

/// How deep a block is and how many blocks it has, or the first numbers beyond the limits.
let private measure block =
    let waiting = Stack [ struct (block, 1, 1.0) ]
    let mutable deepest = 0
    let mutable count = 0.0

    while waiting.Count > 0 && deepest <= depth && count <= float blocks do
        let struct (block, level, times) = waiting.Pop()
        deepest <- max deepest level
        count <- count + max 1.0 times

        for inner, again in runs block do
            waiting.Push(struct (inner, level + 1, times * again))

    struct (deepest, count)

/// What is too much of a block, and what to do.
let private excess block =
    let struct (deepest, count) = measure block

    if deepest > depth then
        Some($"blocks are nested more than {depth} deep", "Put blocks one after another with `chain`")
    elif count > float blocks then
        Some($"more than {blocks} blocks", "Repeat less")
    else
        None

/// Whether a block is within the limits.
let holds block = (excess block).IsNone

/// Refuses a body beyond the limits.
let check (network: Network) : Result<unit, Diagnostic> =
    match excess network.Body with
    | Some(what, fix) -> Error(Diagnostic.at network.Name what fix)
    | None -> Ok()
