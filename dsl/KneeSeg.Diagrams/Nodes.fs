/// What drawing asks of a node.
module internal KneeSeg.Diagrams.Nodes

open KneeSeg.Dsl

let isVector (node: Node) =
    node.Shape.Stride |> Array.forall ((=) 0)

/// Operations that only change a feature map: none of them gets a box.
let isChange (op: Op) =
    match op with
    | Op.Norm _
    | Op.GlobalResponseNorm _
    | Op.Activation _
    | Op.PositionEmbedding _
    | Op.Dropout _ -> true
    | _ -> false

/// Operations that only bring feature maps together.
let isJoin (op: Op) =
    op.IsConcat || op.IsAdd || op.IsMultiply || op.IsBroadcast

let isConv (op: Op) = op.IsConv || op.IsDeconv

let isPool (op: Op) = op.IsMaxPool || op.IsAvgPool

/// Brings a map up without learning anything.
let isResampling (op: Op) =
    op.IsUpsampleNearest || op.IsUpsampleLinear

/// How much coarser a map is than the input; axes of a single voxel count for nothing.
let coarseness (node: Node) =
    node.Shape.Stride |> Array.fold (fun all k -> all * int64 (max 1 k)) 1L

/// The first steps to a node.
let prefix count (node: Node) =
    node.Path |> Seq.truncate count |> List.ofSeq

/// Whether a path leads to a node or to what is around it.
let isInside (path: Step list) (node: Node) =
    node.Path.Length >= path.Length && Seq.forall2 (=) path node.Path
