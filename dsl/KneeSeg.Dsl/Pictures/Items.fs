/// The boxes of a network's picture and what leads from one to another, before anything has a place.
module internal KneeSeg.Dsl.Items

open System
open KneeSeg.Dsl.Captions
open KneeSeg.Dsl.Owners
open KneeSeg.Dsl.Pieces
open KneeSeg.Dsl.Trails

/// Why one box leads to another; of several reasons the first in this order is drawn.
type LinkKind =
    | Training
    | Told
    | Signal
    | Indices
    | Crossing
    | Plus
    | Pooled
    | Strided
    | Risen
    | Along

type Item = {
    Piece: Piece
    /// The map that the box hands on.
    Last: Node
    Caption: Caption
    /// So many alike, one after another.
    Times: int
    IsAnswer: bool
    /// Of a concatenation of what crossed over and what came up: the channels of each, and whether they crossed.
    Shares: (int * bool) list
}

type Link = {
    From: int
    To: int
    Kind: LinkKind
    /// The operation that this link leads to or through.
    By: Op
}

/// How much coarser a map is than the input; axes of a single voxel count for nothing.
let coarseness (node: Node) =
    node.Shape.Coarser |> Array.fold (fun all k -> all * int64 (max 1 k)) 1L

let private lastOf (piece: Piece) =
    if piece.Kind = Vector then
        Array.last piece.Nodes
    else
        piece.Nodes
        |> Array.tryFindBack (fun node -> not (isVector node))
        |> Option.defaultValue (Array.last piece.Nodes)

let private kindOf (pieces: Piece[]) (node: Node) (n: int) from into (by: Op) =
    let source, target = pieces[from], pieces[into]
    let a, b = coarseness (lastOf source), coarseness (lastOf target)

    let isJoin =
        node.Stage.EndsWith("/join", StringComparison.Ordinal) || target.Kind = Gate

    if target.Kind = Head then
        Training
    elif source.Kind = Given || source.Kind = Vector || target.Kind = Vector then
        Told
    elif node.Op.IsUnpool && n = 1 then
        Indices
    elif target.Kind = Gate && node.Stage.Contains "/gate/decoder/" then
        Signal
    elif isJoin && a = b && source.Place <> Parts.Up then
        if node.Op.IsAdd then Plus else Crossing
    elif target.Place = Parts.Join || target.Kind = Gate then
        Risen
    elif a < b then
        let isPool (op: Op) = op.IsMaxPool || op.IsMeanPool

        if isPool by || target.Nodes |> Array.exists (fun node -> isPool node.Op) then
            Pooled
        else
            Strided
    elif a > b then
        Risen
    elif node.Op.IsAdd then
        Plus
    elif node.Op.IsConcat && target.Kind = Joined then
        Crossing
    else
        Along

/// Boxes and links as they are, before rows of the same are folded.
let items detail (graph: Graph) =
    let pieces = pieces detail graph
    let owners = Owners(graph, pieces)
    release graph pieces owners
    let sources = owners.Sources()

    let links =
        [
            for node in graph.Nodes do
                let into = owners.Of node.Id

                // What a vector is spread over only says how far.
                let args =
                    if node.Op.IsSpread then
                        Array.truncate 1 node.Args
                    else
                        node.Args

                if into >= 0 then
                    for n, arg in Array.indexed args do
                        // Where maxima were is known to the map that was pooled.
                        let seen =
                            if node.Op.IsUnpool && n = 1 then
                                graph.Nodes[arg].Args[0]
                            else
                                arg

                        for from, through in sources[seen] do
                            if from <> into then
                                let by = defaultArg through node.Op

                                {
                                    From = from
                                    To = into
                                    Kind = kindOf pieces node n from into by
                                    By = by
                                }
        ]
        |> List.groupBy (fun link -> link.From, link.To)
        |> List.map (fun (_, links) ->
            // A residual's own shortcut is not drawn.
            links
            |> List.tryFind (fun link -> link.Kind = Along)
            |> Option.defaultWith (fun () -> List.minBy _.Kind links))

    let answers = sources[graph.Output] |> List.map fst

    let item i (piece: Piece) = {
        Piece = piece
        Last = lastOf piece
        Caption = caption piece.Nodes
        Times = 1
        IsAnswer = List.contains i answers && piece.Kind <> Image && piece.Kind <> Given
        Shares = [
            let last = Array.last piece.Nodes

            if piece.Kind = Joined && piece.Place = Parts.Join then
                for arg in last.Args do
                    let crossed =
                        links
                        |> List.exists (fun link ->
                            link.To = i
                            && link.Kind = Crossing
                            && sources[arg] |> List.exists (fun (from, _) -> from = link.From))

                    graph.Nodes[arg].Shape.Channels, crossed
        ]
    }

    pieces
    |> Array.mapi item
    |> Array.indexed
    |> Array.filter (fun (i, item) -> owners.Of item.Piece.Nodes[0].Id = i),
    links
