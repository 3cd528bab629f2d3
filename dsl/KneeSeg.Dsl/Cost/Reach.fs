namespace KneeSeg.Dsl

/// What tiles need so that together they answer as the whole image does.
type Reach = {
    /// Voxels of the input that count beyond a tile's first one, per axis: a multiple of the graph's.
    Before: int[]
    /// The same beyond its last one.
    After: int[]
    /// The stage that looks at the whole image, so that no tile is wide enough; "" for none.
    Whole: string
    /// What it does there; "" for none.
    Because: string
}

[<RequireQualifiedAccess>]
module internal Reach =
    let private floorDiv a b =
        if a >= 0 then a / b else -((-a + b - 1) / b)

    let private ceilDiv a b = -(floorDiv -a b)

    /// The voxels of its argument that an operation's voxels `first` to `last` look at, along an axis.
    let private seen axis op (first, last) =
        let window (size: int) (stride: int[]) (before: int[]) =
            first * stride[axis] - before[axis], last * stride[axis] - before[axis] + size - 1

        match op with
        | Op.Conv conv -> window (conv.Dilation[axis] * (conv.Kernel[axis] - 1) + 1) conv.Stride conv.Before
        | Op.Deconv conv ->
            let reach = conv.Dilation[axis] * (conv.Kernel[axis] - 1)
            let at place = place + conv.Before[axis]
            ceilDiv (at first - reach) conv.Stride[axis], floorDiv (at last) conv.Stride[axis]
        | Op.MaxPool op
        | Op.MeanPool op -> window op.Size[axis] op.Stride op.Before
        | Op.Unpool op ->
            let at place = place + op.Before[axis]
            ceilDiv (at first - op.Size[axis] + 1) op.Stride[axis], floorDiv (at last) op.Stride[axis]
        | Op.Repeat factor -> floorDiv first factor[axis], floorDiv last factor[axis]
        | Op.Interpolate(factor, _) when factor[axis] > 1 ->
            // Twice the place of a voxel's centre, in halves of a coarse voxel.
            let below place =
                floorDiv (2 * place + 1 - factor[axis]) (2 * factor[axis])

            below first, below last + 1
        | _ -> first, last

    /// The first stage that no tile can stand for.
    let private obstacle (graph: Graph) =
        let isWhole axis =
            graph.Nodes[graph.Output].Shape.Coarser[axis] <> 0

        graph.Nodes
        |> Seq.filter (fun node -> not node.InHead)
        |> Seq.tryPick (fun node ->
            match node.Op with
            | Op.InstanceNorm _
            | Op.GroupNorm _ -> Some(node.Stage, "normalises by the whole map")
            | Op.MeanOver axes
            | Op.MaxOver axes when Array.exists isWhole axes -> Some(node.Stage, "pools the whole map")
            | Op.MeanGrid _ -> Some(node.Stage, "pools the whole map")
            | Op.Interpolate(_, true) -> Some(node.Stage, "interpolates from corner to corner of the map")
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
            match wanted[node.Id], node.Shape.Coarser[axis] with
            | Some(first, last), coarser when coarser > 0 ->
                // A voxel counts as seeing its own place, whatever its window: no tile may end before it.
                reach <- min (fst reach) (first * coarser), max (snd reach) ((last + 1) * coarser - 1)

                for arg in node.Args do
                    wanted[arg] <- wanted[arg] |> join (seen axis node.Op (first, last))
            | _ -> ()

        let rounded voxels = ceilDiv voxels step * step
        rounded -(fst reach), rounded (snd reach - (step - 1))

    /// How far the voxels of an answer see beyond it. Along an axis whose voxels become one, nothing is beyond.
    let measure (graph: Graph) =
        let axes =
            Array.init graph.Axes (fun axis ->
                if graph.Nodes[graph.Output].Shape.Coarser[axis] = 0 then
                    0, 0
                else
                    along axis graph)

        let whole, because = obstacle graph |> Option.defaultValue ("", "")

        {
            Before = Array.map fst axes
            After = Array.map snd axes
            Whole = whole
            Because = because
        }
