/// How large a node's map is at an input size.
module internal KneeSeg.Dsl.Voxels

/// The map's size along each axis.
let size (size: int[]) (node: Node) =
    node.Shape.Coarser |> Array.mapi (fun a k -> if k = 0 then 1 else size[a] / k)

/// Voxels of one channel.
let count input node =
    (1L, size input node) ||> Array.fold (fun all n -> all * int64 n)

/// Bytes of the map in float32.
let bytes input (node: Node) =
    4L * int64 node.Shape.Channels * count input node
