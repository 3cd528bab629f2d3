/// Where the maps of a network stand in its picture. Each level is a row; along it, a map stands where the
/// maps that it is made from allow, so that an encoder-decoder becomes the U of the papers by itself.
module internal KneeSeg.Dsl.Layout

open System
open System.Collections.Generic
open KneeSeg.Dsl.Parts

/// A map that is drawn.
type Bar = {
    Node: Node
    Part: Part option
    Row: int
    X: float
    Width: float
    Height: float
    /// The shares that crossed over, and whether they stand first.
    Crossed: float
    CrossedFirst: bool
    /// A vector that is told here, such as "position".
    Told: string option
} with

    member bar.Right = bar.X + bar.Width
    member bar.Middle = bar.X + bar.Width / 2.0

type Arrow = {
    From: Bar
    To: Bar
    /// Over to the decoder: what changes the map on the way, or "".
    Over: string option
}

type Picture = { Bars: Bar list; Arrows: Arrow list }

let private gap = 24.0

/// Long parts show their first maps and the last.
let private most = 6

let private isVector (node: Node) =
    node.Shape.Coarser |> Array.forall ((=) 0)

/// Maps are as wide as the root of their channels, and the lower the coarser they are.
let private extent (shape: Shape) =
    let coarse = max 1 (Array.max shape.Coarser)

    Math.Clamp(4.0 + 1.4 * sqrt (float shape.Channels), 8.0, 60.0),
    max 24.0 (150.0 / Math.Pow(float coarse, 0.6))

/// Operations that make a map worth a look; norms, activations and sums only change one.
let private isShown place (node: Node) =
    match node.Op with
    | Op.Conv _
    | Op.Deconv _
    | Op.MaxPool _
    | Op.MeanPool _
    | Op.Unpool _
    | Op.Repeat _
    | Op.Interpolate _ -> place <> Crossing && not (isVector node)
    | Op.MeanOver _
    | Op.MaxOver _ -> not (isVector node)
    | Op.Concat -> place = Join
    | _ -> false

type private Sketch(graph: Graph) =
    let parts = Parts.parts graph

    let partOf =
        dict [
            for part in parts do
                for node in part.Nodes -> node.Id, part
        ]

    let placeOf id =
        match partOf.TryGetValue id with
        | true, part -> part.Place
        | _ -> Outside

    let joined =
        set [
            for node in graph.Nodes do
                if placeOf node.Id = Join && node.Op.IsConcat then
                    yield! node.Args
        ]

    let shown =
        let ofPart part =
            let nodes = part.Nodes |> Array.filter (isShown part.Place)

            match part.Place with
            // What comes up is drawn as its share of the join.
            | Up when joined.Contains part.Last.Id -> [||]
            | Up -> nodes |> Array.skip (max 0 (nodes.Length - 1))
            | _ when nodes.Length > most ->
                Array.append (Array.truncate (most - 1) nodes) [| Array.last nodes |]
            | _ -> nodes

        set [
            for node in graph.Nodes do
                if node.Op.IsInput && not (isVector node) then
                    yield node.Id

            for part in parts do
                for node in ofPart part do
                    yield node.Id
        ]

    /// The drawn maps that a map is made from, each with what changed it while it crossed over.
    let seen = Array.create<(int * string) list> graph.Nodes.Length []

    do
        for node in graph.Nodes do
            let sources = [
                for arg in node.Args do
                    yield! seen[arg]
            ]

            seen[node.Id] <-
                if shown.Contains node.Id then
                    [ node.Id, "" ]
                else
                    match placeOf node.Id, node.Op with
                    | _, _ when sources.IsEmpty -> []
                    | Join, _ -> sources
                    | Crossing, Op.Multiply -> [ fst sources.Head, "gate" ]
                    | Crossing, Op.Conv _ -> [ fst (List.maxBy fst sources), "conv" ]
                    | _ -> [ List.maxBy fst sources ]

    member _.Shown = graph.Nodes |> Array.filter (fun node -> shown.Contains node.Id)

    member _.Part(node: Node) =
        match partOf.TryGetValue node.Id with
        | true, part -> Some part
        | _ -> None

    /// Where a drawn map's arrows come from, the last map of each part.
    member _.Sources(node: Node) =
        [
            for arg in node.Args do
                yield! seen[arg]
        ]
        |> List.distinctBy fst

    /// The share of a join's channels that crossed over, and whether they stand first.
    member _.Crossed(node: Node) =
        let crossed = node.Args |> Array.map (fun arg -> placeOf arg <> Up)

        let channels =
            node.Args |> Array.map (fun arg -> float graph.Nodes[arg].Shape.Channels)

        if placeOf node.Id = Join && node.Op.IsConcat then
            Array.zip crossed channels
            |> Array.sumBy (fun (yes, n) -> if yes then n / Array.sum channels else 0.0),
            crossed[0]
        else
            0.0, true

    /// The first drawn maps that a given vector changes, by its name.
    member _.Told =
        let told = Array.create<string option> graph.Nodes.Length None

        for node in graph.Nodes do
            told[node.Id] <-
                match node.Op with
                | Op.Input name when isVector node -> Some name
                | _ ->
                    node.Args
                    |> Array.filter (fun arg -> not (shown.Contains arg))
                    |> Array.tryPick (fun arg -> told[arg])

        told

/// The row in which a part stands: what goes down stands below.
let private row part =
    match part with
    | None -> 0
    | Some part ->
        match part.Place with
        | Outside -> 0
        | Down -> part.Level
        | _ -> part.Level - 1

/// Puts every map in its place.
let picture (graph: Graph) : Picture =
    let sketch = Sketch graph
    let told = sketch.Told
    let placed = Dictionary<int, Bar>()
    let ends = Dictionary<int, float>()
    let arrows = List<Arrow>()

    for node in sketch.Shown do
        let part = sketch.Part node
        let row = row part
        let width, height = extent node.Shape
        let crossed, crossedFirst = sketch.Crossed node
        let sources = sketch.Sources node |> List.map (fun (id, over) -> placed[id], over)

        let after =
            match ends.TryGetValue row with
            | true, right -> right + gap
            | _ -> 0.0

        let x =
            sources
            |> List.map (fun (source, _) ->
                if source.Row = row then
                    source.Right + gap
                else
                    source.Middle - width / 2.0)
            |> List.fold max after

        let bar = {
            Node = node
            Part = part
            Row = row
            X = x
            Width = width
            Height = height
            Crossed = crossed
            CrossedFirst = crossedFirst
            Told = told[node.Id]
        }

        for source, over in sources do
            let isJoin = part |> Option.exists (fun part -> part.Place = Join)

            arrows.Add {
                From = source
                To = bar
                Over = if isJoin && source.Row = row then Some over else None
            }

        placed[node.Id] <- bar
        ends[row] <- bar.Right

    {
        Bars = List.ofSeq placed.Values
        Arrows = List.ofSeq arrows
    }
