/// The receptive field of a network's output.
module internal KneeSeg.Dsl.ReceptiveField

/// The receptive field of a reduction over an axis: all of it.
let private whole = 1L <<< 40

let private along axis (graph: Graph) =
    let seen = Array.zeroCreate<int64> graph.Nodes.Length

    for node in graph.Nodes do
        let before = (0L, node.Args) ||> Array.fold (fun most arg -> max most seen[arg])

        let step () =
            int64 graph.Nodes[node.Args[0]].Shape.Stride[axis]

        let wider voxels = before + int64 (voxels - 1) * step ()

        seen[node.Id] <-
            match node.Op with
            | Op.Input "image" -> 1L
            | Op.Conv conv -> wider (conv.Reach axis)
            | Op.Deconv conv -> wider ((conv.Reach axis + conv.Stride[axis] - 1) / conv.Stride[axis])
            | Op.MaxPool window
            | Op.AvgPool window -> wider window.Size[axis]
            | Op.Attention op when op.HasWindow -> wider op.Window[axis]
            | Op.Attention _ when before > 0L -> whole
            | Op.SpaceToChannels(block, _) -> wider block[axis]
            | Op.UpsampleLinear(factor, _) when factor[axis] > 1 -> wider 2
            | Op.Mean axes
            | Op.Max axes when before > 0L && Array.contains axis axes -> whole
            | _ -> min before whole

    seen[graph.Output]

/// Voxels of the input that one voxel of the output depends on, per axis.
let measure (graph: Graph) (size: int[]) =
    Array.init graph.Axes (fun axis ->
        let seen = along axis graph
        if seen >= whole then size[axis] else int seen)
