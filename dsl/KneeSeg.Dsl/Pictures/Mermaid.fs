/// A network as a Mermaid flowchart: a box for each part, those with maps of one size together.
module KneeSeg.Dsl.Mermaid

open System
open KneeSeg.Dsl.Items
open KneeSeg.Dsl.Pieces
open KneeSeg.Dsl.Sketch

let private text (size: int[]) (item: Item) =
    let shape = String.Join('×', Voxels.size size item.Last)

    let shape =
        match item.Piece.Kind with
        | Given
        | Vector ->
            if item.Last.Shape.Channels = 1 then
                "1 number"
            else
                $"{item.Last.Shape.Channels} numbers"
        | _ -> $"{item.Last.Shape.Channels} of {shape}"

    let steps = item.Piece.Way.Replace("/vectors", "").Split '/'
    let isLayer = steps.Length = 1 && steps[0] <> "bottom" && Steps.isOwn steps[0]

    String.Join(
        "<br/>",
        [
            // What the language calls a layer says no more than the lines after it.
            if not isLayer then
                String.Join(' ', steps)

            if item.Times > 1 then
                $"×{item.Times}"

            yield! item.Caption.Lines
            shape
        ]
    )

let private arrow kind =
    match kind with
    | Along -> "-->"
    | Pooled -> "-->|pool|"
    | Strided -> "-->|down|"
    | Risen -> "-->|up|"
    | Crossing -> "-->|concat|"
    | Plus -> "-->|add|"
    | Indices -> "-.->|indices|"
    | Signal -> "-->|gate|"
    | Told -> "-->|told|"
    | Training -> "-.->|in training|"

/// The flowchart, for an input of this size.
let draw (graph: Graph) (size: int[]) =
    let sketch = sketch EveryPart graph

    let rows =
        Array.indexed sketch.Items
        |> Array.groupBy (fun (_, item) ->
            if Trails.isVector item.Last then
                "vectors"
            else
                String.Join('×', Voxels.size size item.Last))

    let lines = [
        yield "flowchart TD"

        for n, (row, items) in Array.indexed rows do
            yield $"  subgraph row{n}[\"{row}\"]"

            for i, item in items do
                yield $"    p{i}[\"{text size item}\"]"

            yield "  end"

        for link in sketch.Links do
            yield $"  p{link.From} {arrow link.Kind} p{link.To}"
    ]

    String.Join('\n', lines) + "\n"
