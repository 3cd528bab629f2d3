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

    /// The learnt numbers that nodes bring: a node has none of its own where it has those of an earlier one.
    let parametersOf (nodes: Node seq) =
        nodes
        |> Seq.filter (fun node -> node.Weights = node.Stage)
        |> Seq.sumBy (fun node -> Ops.parameters node.Op)
        |> saturated

    /// The nodes' multiply-accumulates for an input of a size that fits.
    let macsOf graph size (nodes: Node seq) =
        nodes |> Seq.sumBy (macs graph size) |> saturated

    /// What a graph takes at an input size that fits it.
    let measure (graph: Graph) (size: int[]) =
        let parameters =
            graph.Nodes
            |> Array.filter (fun node -> node.Weights <> "")
            |> Array.distinctBy _.Weights
            |> Array.sumBy (fun node -> Ops.parameters node.Op)

        let bytes = graph.Nodes |> Array.map (Voxels.bytes size)

        {
            Parameters = saturated parameters
            Macs = graph.Nodes |> Array.sumBy (macs graph size) |> saturated
            Predict = saturated (4I * parameters + bigint (Memory.predicting graph bytes))
            Train = saturated (16I * parameters + bigint (Memory.training graph bytes))
            ReceptiveField = Sight.field graph size
        }
