namespace KneeSeg.Dsl

/// The context that a tile needs for its output to equal that of the whole image.
type TileMargin = {
    /// Voxels of the input before a tile's first one that its output depends on, per axis: a multiple of the graph's.
    Before: int[]
    /// The same after its last one.
    After: int[]
    /// The stage that depends on the whole image, so that no margin is enough; "" for none.
    GlobalStage: string
    /// What it does there; "" for none.
    Reason: string
}

[<RequireQualifiedAccess>]
module internal TileMargin =
    /// The voxels of its argument that an operation's voxels `first` to `last` depend on, along an axis.
    let private seen axis op (first, last) =
        let window (size: int) (stride: int[]) (before: int[]) =
            first * stride[axis] - before[axis], last * stride[axis] - before[axis] + size - 1

        match op with
        | Op.Conv conv -> window (conv.Reach axis) conv.Stride conv.Before
        | Op.Deconv conv ->
            let at place = place + conv.Before[axis]

            Rounded.up (at first - conv.Reach axis + 1) conv.Stride[axis],
            Rounded.down (at last) conv.Stride[axis]
        | Op.MaxPool op
        | Op.AvgPool op -> window op.Size[axis] op.Stride op.Before
        | Op.Unpool op ->
            let at place = place + op.Before[axis]
            Rounded.up (at first - op.Size[axis] + 1) op.Stride[axis], Rounded.down (at last) op.Stride[axis]
        | Op.SpaceToChannels(block, _) -> first * block[axis], last * block[axis] + block[axis] - 1
        | Op.Pad(before, _) -> first - before[axis], last - before[axis]
        | Op.UpsampleNearest by
        | Op.ChannelsToSpace(by, _) -> Rounded.down first by[axis], Rounded.down last by[axis]
        | Op.UpsampleLinear(factor, _) when factor[axis] > 1 ->
            // Twice the place of a voxel's centre, in halves of a coarse voxel.
            let below place =
                Rounded.down (2 * place + 1 - factor[axis]) (2 * factor[axis])

            below first, below last + 1
        | _ -> first, last

    /// The first stage that depends on the whole image, and what it does.
    let private obstacle (graph: Graph) =
        let isWhole axis =
            graph.Nodes[graph.Output].Shape.Stride[axis] <> 0

        graph.Nodes
        |> Seq.filter (fun node -> not node.InHead)
        |> Seq.tryPick (fun node ->
            match node.Op with
            | Op.Norm { Kind = NormOpKind.Instance | NormOpKind.Group _ }
            | Op.GlobalResponseNorm _ -> Some(node.Stage, "normalizes over the whole feature map")
            | Op.Mean axes
            | Op.Max axes when Array.exists isWhole axes -> Some(node.Stage, "pools the whole feature map")
            | Op.Attention op when op.HasWindow ->
                Some(node.Stage, "attends in windows that begin at the image's corner")
            | Op.Attention _ -> Some(node.Stage, "attends to the whole feature map")
            | Op.PositionEmbedding _ -> Some(node.Stage, "adds an embedding of the place in the image")
            | Op.AdaptiveAvgPool _ -> Some(node.Stage, "pools the whole feature map")
            | Op.UpsampleLinear(_, true) -> Some(node.Stage, "upsamples with aligned corners")
            | _ -> None)

    let private along axis (graph: Graph) =
        let step = graph.Multiple[axis]
        let wanted = Array.create graph.Nodes.Length None
        wanted[graph.Output] <- Some(0, step - 1)

        let join range =
            function
            | None -> Some range
            | Some(first, last) -> Some(min first (fst range), max last (snd range))

        let mutable reach = 0, step - 1

        for node in Array.rev graph.Nodes do
            match wanted[node.Id], node.Shape.Stride[axis] with
            | Some(first, last), coarser when coarser > 0 ->
                // A voxel depends on its own place, whatever its kernel: no tile may end before it. Maps with extra voxels have
                // them at their end.
                let after = last + 1 - node.Shape.Extra[axis]
                reach <- min (fst reach) (first * coarser), max (snd reach) (after * coarser - 1)

                for arg in node.Args do
                    wanted[arg] <- wanted[arg] |> join (seen axis node.Op (first, last))
            | _ -> ()

        // However near to the image's end, a tile leaves a voxel of every feature map.
        let least = InputSize.smallest graph axis - step

        let rounded voxels =
            max least (Rounded.up voxels step * step)

        rounded -(fst reach), rounded (snd reach - (step - 1))

    /// The margin of a network's output; none along an axis that is reduced.
    let measure (graph: Graph) =
        let axes =
            Array.init graph.Axes (fun axis ->
                if graph.Nodes[graph.Output].Shape.Stride[axis] = 0 then
                    0, 0
                else
                    along axis graph)

        let stage, reason = obstacle graph |> Option.defaultValue ("", "")

        {
            Before = Array.map fst axes
            After = Array.map snd axes
            GlobalStage = stage
            Reason = reason
        }
