/// How large a node's map is at an input size.
module internal KneeSeg.Dsl.Voxels

/// The map's size along each axis.
let size (size: int[]) (node: Node) =
    node.Shape.Coarser |> Array.mapi (fun a k -> if k = 0 then 1 else size[a] / k)

/// Voxels of one channel.
let count input node =
    (1L, size input node) ||> Array.fold (fun all n -> all * int64 n)

/// More bytes than any machine has for one map, and few enough for all maps of a network to add up.
let private most = 1L <<< 44

/// Bytes of the map in float32; a map beyond 16 TiB counts as so much.
let bytes input (node: Node) =
    let channels = 4L * int64 node.Shape.Channels
    min (count input node) (most / channels + 1L) * channels
