/// The size of a node's feature map at an input size.
module internal KneeSeg.Dsl.Voxels

/// The size along each axis.
let size (size: int[]) (node: Node) =
    node.Shape.Stride
    |> Array.mapi (fun a k -> if k = 0 then 1 else size[a] / k + node.Shape.Extra[a])

/// Voxels of one channel.
let count input node =
    (1L, size input node) ||> Array.fold (fun all n -> all * int64 n)

/// Voxels of a map in the windows of an attention, their padding included, and the voxels that each attends to.
let attended input (op: AttentionOp) (node: Node) =
    let map = size input node
    let window = op.WindowOn map

    let product (numbers: int[]) =
        (1I, numbers) ||> Array.fold (fun all n -> all * bigint n)

    product (Array.map2 (fun n w -> Rounded.up n w * w) map window), product window

/// More numbers than any machine has room for in one feature map, and few enough for those of a network to add up.
let private most = 1L <<< 42

/// Numbers of the feature maps of a batch; more than the most count as so many.
let numbers input batch (node: Node) =
    let channels = int64 batch * int64 node.Shape.Channels
    min most (min (count input node) (most / channels + 1L) * channels)
