namespace KneeSeg.Dsl

/// A training step that computes most maps twice instead of keeping them (Chen et al. 2016, "Training Deep Nets with
/// Sublinear Memory Cost").
type Recomputing = {
    /// The nodes that begin a segment, in order. Of all segments but the last only the maps that later ones use are kept;
    /// the others are made again when their gradients are due. None where that would save nothing.
    Cuts: int[]
    /// Bytes at the peak of a training step so, as `Cost.Train` counts them.
    Train: int64
    /// Multiply-accumulates that are done again for one image.
    Macs: int64
}

[<RequireQualifiedAccess>]
module internal Recomputing =
    /// In how many pieces of equal memory a network is cut at the most.
    let private most = 24

    /// Bytes of all maps that live on beyond each node.
    let private crossing (graph: Graph) (load: Memory.Load) =
        let ends = Array.init graph.Nodes.Length id

        for node in graph.Nodes do
            for arg in node.Args do
                ends[arg] <- node.Id

        let change = Array.zeroCreate<int64>(graph.Nodes.Length + 1)

        for node in graph.Nodes do
            change[node.Id] <- change[node.Id] + load.Map node.Id
            change[ends[node.Id]] <- change[ends[node.Id]] - load.Map node.Id

        Array.scan (+) 0L change |> Array.tail

    /// Cuts where few maps cross, once a piece has so many bytes of maps.
    let private cuts (graph: Graph) (load: Memory.Load) (crossing: int64[]) piece = [|
        let mutable first = 0
        let mutable bytes = 0L

        for node in graph.Nodes do
            bytes <- bytes + load.Map node.Id

            if bytes >= piece && node.Id + 1 < graph.Nodes.Length then
                let cut =
                    seq { first .. node.Id } |> Seq.minBy (fun id -> crossing[id], -id) |> (+) 1

                cut
                first <- cut
                bytes <- seq { cut .. node.Id } |> Seq.sumBy load.Map
    |]

    /// The cuts by which a step takes the least memory, of those that make pieces of about equal memory.
    let choose (graph: Graph) (load: Memory.Load) (weights: Node[]) macs =
        let all = graph.Nodes |> Array.sumBy (fun node -> load.Map node.Id)
        let crossing = crossing graph load

        let cuts, bytes =
            seq { 1..most }
            |> Seq.map (fun pieces ->
                if pieces = 1 then
                    [||]
                else
                    cuts graph load crossing (all / int64 pieces))
            |> Seq.distinct
            |> Seq.map (fun cuts -> cuts, Training.peak graph load weights cuts)
            |> Seq.minBy snd

        {
            Cuts = cuts
            Train = bytes
            Macs =
                if cuts = [||] then
                    0L
                else
                    macs graph.Nodes[.. Array.last cuts - 1]
        }
