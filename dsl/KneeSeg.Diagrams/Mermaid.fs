/// A network as a Mermaid flowchart: a box for each part, those with feature maps of one size together.
module internal KneeSeg.Diagrams.Mermaid

open System
open KneeSeg.Dsl
open KneeSeg.Diagrams.Arrows
open KneeSeg.Diagrams.Nodes
open KneeSeg.Diagrams.Outline

let private sizeOf size (item: Item) =
    String.Join('×', Networks.ShapeOf(item.Last, size))

let private text size (item: Item) =
    let channels = item.Last.Shape.Channels

    String.Join(
        "<br/>",
        [
            match item.Path with
            // What the language calls a layer says no more than the lines after it.
            | [ Step.Input _ | Step.Stage _ | Step.Tied _ | Step.Shared _ | Step.Bottleneck ]
            | _ :: _ :: _ -> String.Join(' ', item.Path)
            | _ -> ()

            if item.Times > 1 then
                $"×{item.Times}"

            yield! item.Caption.Lines

            match item.Kind with
            | Given
            | Vector -> $"vector of {channels}"
            | _ -> $"{channels} of {sizeOf size item}"
        ]
    )

let private arrow kind =
    match kind with
    | Along -> "-->"
    | Pooled -> "-->|pool|"
    | Strided -> "-->|down|"
    | Upsampled -> "-->|up|"
    | Concatenated -> "-->|concat|"
    | Added -> "-->|add|"
    | Indices -> "-.->|indices|"
    | Gating -> "-->|gate|"
    | Conditioning -> "-->|condition|"
    | Training -> "-.->|in training|"

/// The flowchart, for an input of this size.
let draw (graph: Graph) (size: int[]) =
    let sketch = sketch EveryPart graph

    let rows =
        Array.indexed sketch.Items
        |> Array.groupBy (fun (_, item) -> if isVector item.Last then "vectors" else sizeOf size item)

    let lines = [
        "flowchart TD"

        for n, (row, items) in Array.indexed rows do
            $"  subgraph row{n}[\"{row}\"]"

            for i, item in items do
                $"    p{i}[\"{text size item}\"]"

            "  end"

        for link in sketch.Links do
            $"  p{link.From} {arrow link.Kind} p{link.To}"
    ]

    String.Join('\n', lines) + "\n"
