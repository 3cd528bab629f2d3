/// The size of a node's feature map at an input size.
module internal KneeSeg.Dsl.Voxels

/// The size along each axis.
let size (size: int[]) (node: Node) =
    node.Shape.Stride
    |> Array.mapi (fun a k -> if k = 0 then 1 else size[a] / k + node.Shape.Extra[a])

/// Voxels of one channel.
let count input node =
    (1L, size input node) ||> Array.fold (fun all n -> all * int64 n)

/// More numbers than any machine has room for in one feature map, and few enough for those of a network to add up.
let private most = 1L <<< 42

/// Numbers of the feature maps of a batch; more than the most count as so many.
let numbers input batch (node: Node) =
    let channels = int64 batch * int64 node.Shape.Channels
    min most (min (count input node) (most / channels + 1L) * channels)
