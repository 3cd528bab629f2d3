/// A network as a Mermaid flowchart: a box for each part, with the shape it hands on.
module KneeSeg.Dsl.Mermaid

open System

let private shape size node =
    $"{node.Shape.Channels} × {String.Join('×', Voxels.size size node)}"

/// The flowchart, for an input of this size.
let draw (graph: Graph) (size: int[]) =
    let parts = Parts.parts graph
    let inputs = graph.Nodes |> Array.filter _.Op.IsInput

    let boxes = [|
        for node in inputs -> node.Stage, [| node |]
        for part in parts -> part.Name, part.Nodes
    |]

    let boxOf =
        dict [
            for i, (_, nodes) in Array.indexed boxes do
                for node in nodes -> node.Id, i
        ]

    let edges =
        graph.Nodes
        |> Array.collect (fun node -> node.Args |> Array.map (fun arg -> boxOf[arg], boxOf[node.Id]))
        |> Array.distinct
        |> Array.filter (fun (a, b) -> a <> b)

    let lines = [
        yield "flowchart TD"

        for i, (name, nodes) in Array.indexed boxes do
            yield $"  p{i}[\"{name}<br/>{shape size (Array.last nodes)}\"]"

        for a, b in edges do
            yield $"  p{a} --> p{b}"
    ]

    String.Join('\n', lines) + "\n"
