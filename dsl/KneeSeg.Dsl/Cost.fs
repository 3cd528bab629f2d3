namespace KneeSeg.Dsl

/// What a network takes for one image of a size, before a tensor exists.
type Cost = {
    /// Learnt numbers, those that are shared counted once.
    Parameters: int64
    /// Multiply-accumulates of convolutions and dense layers, once per time they run.
    Macs: int64
    /// Bytes at the peak of predicting one image in float32: the weights and the maps alive at once.
    Predict: int64
    /// Bytes at the peak of a training step on one image in float32: weights, their gradients and two moments,
    /// the maps kept for the way back, and the gradients alive at once.
    Train: int64
    /// Voxels of the input that one voxel of the output sees, per axis: the whole axis where a mean goes over it.
    ReceptiveField: int[]
}

/// How large a node's map is at an input size.
module internal Voxels =
    /// The map's size along each axis.
    let size (size: int[]) (node: Node) =
        node.Shape.Coarser |> Array.mapi (fun a k -> if k = 0 then 1 else size[a] / k)

    /// Voxels of one channel.
    let count input node =
        (1L, size input node) ||> Array.fold (fun all n -> all * int64 n)

    /// Bytes of the map in float32.
    let bytes input (node: Node) =
        4L * int64 node.Shape.Channels * count input node

/// Peak memory from when each map is made and used for the last time.
module internal Memory =
    /// Where predicting makes no map of its own: the argument's is handed on.
    let private handsOn op =
        match op with
        | Op.Dropout _
        | Op.Spread -> true
        | _ -> false

    /// Bytes of maps alive at once when predicting.
    let predicting (graph: Graph) (bytes: int64[]) =
        let owner = Array.init graph.Nodes.Length id

        for node in graph.Nodes do
            if handsOn node.Op then
                owner[node.Id] <- owner[node.Args[0]]

        let lastUse = Array.init graph.Nodes.Length id

        for node in graph.Nodes do
            for arg in node.Args do
                lastUse[owner[arg]] <- node.Id

        lastUse[owner[graph.Output]] <- graph.Nodes.Length

        let ending =
            Array.init graph.Nodes.Length id
            |> Array.filter (fun i -> owner[i] = i)
            |> Array.groupBy (fun i -> lastUse[i])
            |> dict

        let mutable alive = 0L
        let mutable peak = 0L

        for node in graph.Nodes do
            if owner[node.Id] = node.Id then
                alive <- alive + bytes[node.Id]

            peak <- max peak alive

            match ending.TryGetValue node.Id with
            | true, ended -> alive <- alive - Array.sumBy (fun i -> bytes[i]) ended
            | _ -> ()

        peak

    /// The maps that an operation keeps for its gradient.
    let private keeps (node: Node) =
        match node.Op with
        | Op.Relu
        | Op.Sigmoid
        | Op.Tanh -> [| node.Id |]
        | Op.MaxOver _ -> [| node.Args[0]; node.Id |]
        | Op.Conv _
        | Op.Deconv _
        | Op.BatchNorm _
        | Op.InstanceNorm _
        | Op.GroupNorm _
        | Op.LeakyRelu _
        | Op.PRelu _
        | Op.Elu
        | Op.Selu
        | Op.MaxPool _
        | Op.MeanPool _
        | Op.Multiply
        | Op.Dense _ -> node.Args
        | Op.Input _
        | Op.Dropout _
        | Op.Unpool _
        | Op.Repeat _
        | Op.Interpolate _
        | Op.RepeatChannels _
        | Op.Concat
        | Op.Add
        | Op.MeanOver _
        | Op.Spread -> [||]

    /// Bytes of maps and gradients alive at once in a training step.
    let training (graph: Graph) (bytes: int64[]) =
        let count = graph.Nodes.Length
        // A map is let go on the way forward after its last use, and on the way back after the first that kept it.
        let lastUse = Array.init count id
        let keptFrom = Array.create count System.Int32.MaxValue

        for node in graph.Nodes do
            for arg in node.Args do
                lastUse[arg] <- node.Id

            for kept in keeps node do
                keptFrom[kept] <- min keptFrom[kept] node.Id

        lastUse[graph.Output] <- count
        let isKept i = keptFrom[i] < System.Int32.MaxValue

        // The places of the maximum are whole numbers of eight bytes, of which a map has four.
        let indices (node: Node) =
            match node.Op with
            | Op.MaxPool _ -> 2L * bytes[node.Id]
            | _ -> 0L

        let mutable alive = 0L
        let mutable peak = 0L

        for node in graph.Nodes do
            alive <- alive + bytes[node.Id] + indices node
            peak <- max peak alive

            for arg in Array.distinct node.Args do
                if lastUse[arg] = node.Id && not (isKept arg) then
                    alive <- alive - bytes[arg]

        let hasGradient = Array.create count false
        hasGradient[graph.Output] <- true
        alive <- alive + bytes[graph.Output]

        for node in Array.rev graph.Nodes do
            for arg in Array.distinct node.Args do
                if not hasGradient[arg] && not graph.Nodes[arg].Op.IsInput then
                    hasGradient[arg] <- true
                    alive <- alive + bytes[arg]

            peak <- max peak alive

            if hasGradient[node.Id] then
                alive <- alive - bytes[node.Id]

            alive <- alive - indices node

            for kept in Array.distinct (keeps node) do
                if keptFrom[kept] = node.Id then
                    alive <- alive - bytes[kept]

        peak

/// How much of the input one voxel of a map sees.
module internal Sight =
    /// A mean over an axis sees all of it.
    let private whole = 1L <<< 40

    let private along axis (graph: Graph) =
        let seen = Array.zeroCreate<int64> graph.Nodes.Length

        for node in graph.Nodes do
            let before = (0L, node.Args) ||> Array.fold (fun most arg -> max most seen[arg])

            let step () =
                int64 graph.Nodes[node.Args[0]].Shape.Coarser[axis]

            let wider voxels = before + int64 (voxels - 1) * step ()

            let reach (conv: ConvOp) =
                conv.Dilation[axis] * (conv.Kernel[axis] - 1) + 1

            seen[node.Id] <-
                match node.Op with
                | Op.Input "image" -> 1L
                | Op.Conv conv -> wider (reach conv)
                | Op.Deconv conv -> wider ((reach conv + conv.Stride[axis] - 1) / conv.Stride[axis])
                | Op.MaxPool window
                | Op.MeanPool window -> wider window.Size[axis]
                | Op.Interpolate(factor, _) when factor[axis] > 1 -> wider 2
                | Op.MeanOver axes
                | Op.MaxOver axes when before > 0L && Array.contains axis axes -> whole
                | _ -> min before whole

        seen[graph.Output]

    /// Voxels of the input that one voxel of the output sees, per axis.
    let field (graph: Graph) (size: int[]) =
        Array.init graph.Axes (fun axis ->
            let seen = along axis graph
            if seen >= whole then size[axis] else int seen)

[<RequireQualifiedAccess>]
module Cost =
    let private saturated (n: bigint) =
        int64 (min n (bigint System.Int64.MaxValue))

    /// A node's multiply-accumulates at an input size.
    let private macs (graph: Graph) size (node: Node) =
        let over (at: Node) = bigint (Voxels.count size at)

        match node.Op with
        | Op.Conv conv -> Ops.filters conv * over node
        | Op.Deconv conv -> Ops.filters conv * over graph.Nodes[node.Args[0]]
        | Op.Dense(inputs, outputs, _) -> bigint inputs * bigint outputs
        | _ -> 0I

    /// The learnt numbers that a node brings: none where it has those of an earlier node.
    let parametersOf (node: Node) =
        if node.Weights = node.Stage then
            saturated (Ops.parameters node.Op)
        else
            0L

    /// A node's multiply-accumulates for an input of a size that fits.
    let macsOf graph size node = saturated (macs graph size node)

    /// What a graph takes at an input size that fits it.
    let measure (graph: Graph) (size: int[]) =
        let parameters =
            graph.Nodes
            |> Array.filter (fun node -> node.Weights <> "")
            |> Array.distinctBy _.Weights
            |> Array.sumBy (fun node -> Ops.parameters node.Op)
            |> saturated

        let bytes = graph.Nodes |> Array.map (Voxels.bytes size)

        {
            Parameters = parameters
            Macs = graph.Nodes |> Array.sumBy (macs graph size) |> saturated
            Predict = 4L * parameters + Memory.predicting graph bytes
            Train = 16L * parameters + Memory.training graph bytes
            ReceptiveField = Sight.field graph size
        }
