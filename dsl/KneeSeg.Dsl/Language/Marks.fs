/// What is known of blocks beside their data, by their identity: which lines of a script made them.
module internal KneeSeg.Dsl.Marks

open System.Collections.Generic
open KneeSeg.Dsl.Spec

/// A line, which of all marked values it made, and which of that value's innermost blocks this is.
type Mark = { Line: int; Value: int; Index: int }

/// Equal blocks are different ones here.
let private known = Dictionary<Block, Mark list>(HashIdentity.Reference)

let find block =
    match known.TryGetValue block with
    | true, marks -> marks
    | _ -> []

/// The same block with another identity and these marks.
let put marks block =
    let copy =
        match block with
        | Layer layer -> Layer layer
        | Input input -> Input input
        | Recall stage -> Recall stage
        | Chain blocks -> Chain blocks
        | block -> block

    known[copy] <- marks
    copy

/// What a block is changed into, with its marks.
let hand (from: Block) (into: Block) =
    match find from with
    | _ :: _ as marks when not (obj.ReferenceEquals(from, into)) && (Tree.inside into).IsEmpty ->
        put marks into
    | _ -> into
