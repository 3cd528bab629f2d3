namespace KneeSeg.Dsl

/// Activation checkpointing: a training step that recomputes most activations in the backward pass instead of keeping
/// them (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost").
type ActivationCheckpointing = {
    /// The nodes that begin a segment, but for the first, in order. Of all segments but the last, only the feature maps that
    /// later ones use are kept; the others are recomputed. None where that would save nothing.
    SegmentBoundaries: int[]
    /// Bytes at the peak of such a training step, as `PeakMemory.Train` counts them.
    Train: int64
    /// Recomputed multiply-accumulates for one image.
    Macs: int64
}

[<RequireQualifiedAccess>]
module internal ActivationCheckpointing =
    /// The largest number of segments.
    let private most = 24

    /// Bytes of all feature maps that are used after each node.
    let private crossing (graph: Graph) (load: Memory.Load) =
        let ends = Memory.lastUses graph id [] graph.Nodes
        let change = Array.zeroCreate<int64>(graph.Nodes.Length + 1)

        for node in graph.Nodes do
            change[node.Id] <- change[node.Id] + load.Map node.Id
            change[ends[node.Id]] <- change[ends[node.Id]] - load.Map node.Id

        Array.scan (+) 0L change |> Array.tail

    /// Segment boundaries where few feature maps cross, once a segment has so many bytes of them.
    let private boundaries (graph: Graph) (load: Memory.Load) (crossing: int64[]) segment = [|
        let mutable first = 0
        let mutable bytes = 0L

        for node in graph.Nodes do
            bytes <- bytes + load.Map node.Id

            if bytes >= segment && node.Id + 1 < graph.Nodes.Length then
                let boundary =
                    seq { first .. node.Id } |> Seq.minBy (fun id -> crossing[id], -id) |> (+) 1

                boundary
                first <- boundary
                bytes <- seq { boundary .. node.Id } |> Seq.sumBy load.Map
    |]

    /// The boundaries with the lowest peak, of those that make segments of about equal memory.
    let choose (graph: Graph) (load: Memory.Load) (weights: Node[]) macs =
        let all = graph.Nodes |> Array.sumBy (fun node -> load.Map node.Id)
        let crossing = crossing graph load

        let boundaries, bytes =
            seq { 1..most }
            |> Seq.map (fun segments ->
                if segments = 1 then
                    [||]
                else
                    boundaries graph load crossing (all / int64 segments))
            |> Seq.distinct
            |> Seq.map (fun boundaries -> boundaries, Training.peak graph load weights boundaries)
            |> Seq.minBy snd

        {
            SegmentBoundaries = boundaries
            Train = bytes
            Macs =
                if boundaries = [||] then
                    0L
                else
                    macs graph.Nodes[.. Array.last boundaries - 1]
        }
