namespace KneeSeg.Dsl

/// What a network costs, before a tensor exists.
type Cost = {
    /// Learned numbers; shared ones count once.
    Parameters: int64
    /// Multiply-accumulates of convolutions, dense layers and attention for one image, once per time they run.
    Macs: int64
    /// Voxels of the input that one voxel of the output depends on, per axis: the whole axis where it is reduced.
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
        // Of queries and keys, and of scores and values.
        | Op.Attention op ->
            let voxels, window = Voxels.attended size op node
            2I * bigint op.Channels * voxels * window
        | _ -> 0I

    /// The parameters of nodes; a node that shares those of an earlier one has none.
    let parametersOf (nodes: Node seq) =
        nodes
        |> Seq.filter (fun node -> node.Weights = node.Stage)
        |> Seq.sumBy (fun node -> Ops.parameters node.Op)
        |> saturated

    /// The nodes' multiply-accumulates for an input of a size that fits.
    let macsOf graph size (nodes: Node seq) =
        nodes |> Seq.sumBy (macs graph size) |> saturated

    let private weighted (graph: Graph) =
        graph.Nodes
        |> Array.filter (fun node -> node.Weights <> "")
        |> Array.distinctBy _.Weights

    /// What a graph takes at an input size that fits it.
    let measure (graph: Graph) (size: int[]) = {
        Parameters = weighted graph |> Array.sumBy (fun node -> Ops.parameters node.Op) |> saturated
        Macs = macsOf graph size graph.Nodes
        ReceptiveField = ReceptiveField.measure graph size
    }

    /// A batch of images of a size that fits the graph, with feature maps of numbers of so many bytes.
    let private load (graph: Graph) size batch width backend : Memory.Load = {
        Input = size
        Batch = batch
        Numbers = graph.Nodes |> Array.map (Voxels.numbers size batch)
        Width = int64 width
        Backend = backend
    }

    let memory (graph: Graph) size batch width backend =
        let load, weights = load graph size batch width backend, weighted graph

        {
            Predict = Memory.predicting graph load weights
            Train = Training.peak graph load weights [||]
        }

    /// Activation checkpointing with the lowest peak.
    let checkpointing (graph: Graph) size batch width backend =
        ActivationCheckpointing.choose
            graph
            (load graph size batch width backend)
            (weighted graph)
            (macsOf graph size)
