/// Which pieces of a network get a box of their own, and what each of them sees of others.
module internal KneeSeg.Dsl.Owners

open System.Collections.Generic
open KneeSeg.Dsl.Pieces
open KneeSeg.Dsl.Trails

/// A node's piece, and what its box sees of others through nodes that have none.
type Owners(graph: Graph, pieces: Piece[]) =
    let owner = Array.create graph.Nodes.Length -1

    do
        for i, piece in Array.indexed pieces do
            for node in piece.Nodes do
                owner[node.Id] <- i

    let consumers =
        let found = Array.init graph.Nodes.Length (fun _ -> List<int>())

        for node in graph.Nodes do
            for arg in node.Args do
                found[arg].Add node.Id

        found

    member _.Of(node: int) = owner[node]

    /// Leaves a piece without a box: what it does is drawn as part of the way to the next.
    member _.Release piece =
        for node in pieces[piece].Nodes do
            owner[node.Id] <- -1

    /// For every node, the pieces that it leads to.
    member _.Reach() =
        let reach = Array.create graph.Nodes.Length Set.empty<int>

        for node in Array.rev graph.Nodes do
            for consumer in consumers[node.Id] do
                if owner[consumer] = -1 then
                    reach[node.Id] <- Set.union reach[node.Id] reach[consumer]
                elif owner[consumer] <> owner[node.Id] then
                    reach[node.Id] <- Set.add owner[consumer] reach[node.Id]

        reach

    /// For every node, the pieces that it comes from, and the pool, sum or product that lies between.
    member _.Sources() =
        let sources = Array.create<(int * Op option) list> graph.Nodes.Length []

        for node in graph.Nodes do
            let through op =
                match node.Op with
                | Op.MaxPool _
                | Op.MeanPool _
                | Op.Add
                | Op.Multiply -> Some node.Op
                | _ -> op

            sources[node.Id] <-
                if owner[node.Id] >= 0 then
                    [ owner[node.Id], None ]
                else
                    node.Args
                    |> Seq.collect (fun arg -> sources[arg])
                    |> Seq.map (fun (piece, op) -> piece, through op)
                    |> Seq.distinct
                    |> List.ofSeq

        sources

/// The steps to the part that a piece is in.
let partOf (piece: Piece) =
    let steps = piece.Nodes[0].Stage.Split '/'
    Array.truncate (snd (Parts.spot steps)) steps

/// Pieces that are no box: resampling before a convolution, what comes up only to be joined, sums with a vector.
let release (graph: Graph) (pieces: Piece[]) (owners: Owners) =
    let each (isPart: Set<int> -> Piece -> bool) =
        let reach = owners.Reach()

        for i, piece in Array.indexed pieces do
            let leadsTo = piece.Nodes |> Seq.map (fun node -> reach[node.Id]) |> Set.unionMany

            let isOut = piece.Nodes |> Array.exists (fun node -> node.Id = graph.Output)

            if not isOut && isPart leadsTo piece then
                owners.Release i

    let only leadsTo =
        if Set.count leadsTo = 1 then
            Some pieces[leadsTo.MinimumElement]
        else
            None

    each (fun leadsTo piece ->
        let maps =
            (Array.last piece.Nodes).Args
            |> Array.filter (fun arg -> not (isVector graph.Nodes[arg]))

        piece.Kind = Operator
        && piece.Nodes.Length = 1
        && maps.Length = 1
        && leadsTo.Count = 1)

    each (fun leadsTo piece ->
        match piece.Nodes, only leadsTo with
        | [| resampled |], Some next ->
            (resampled.Op.IsRepeat || resampled.Op.IsInterpolate)
            && next.Kind = Map
            && next.Place = piece.Place
            && next.Nodes[0].Op.IsConv
        | _ -> false)

    let alone =
        pieces
        |> Array.indexed
        |> Array.filter (fun (_, piece) ->
            piece.Place = Parts.Up
            && piece.Kind <> Vector
            && owners.Of piece.Nodes[0].Id >= 0)
        |> Array.countBy (snd >> partOf)
        |> Array.filter (fun (_, n) -> n = 1)
        |> Array.map fst
        |> set

    each (fun leadsTo piece ->
        piece.Kind = Map
        && piece.Place = Parts.Up
        && alone.Contains(partOf piece)
        && leadsTo |> Set.exists (fun next -> pieces[next].Place = Parts.Join)
        && leadsTo
           |> Set.forall (fun next -> pieces[next].Place = Parts.Join || pieces[next].Kind = Gate))
