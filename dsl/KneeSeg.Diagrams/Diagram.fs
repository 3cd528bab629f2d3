namespace KneeSeg.Diagrams

open KneeSeg.Dsl

/// Networks as diagrams, for an input of a given size. Throws SpecException where the network does not take that size.
[<AbstractClass; Sealed>]
type Diagram =
    /// As an SVG picture.
    static member Svg(graph: Graph, size: int[]) : string =
        Networks.CheckSize(graph, size)
        Svg.draw graph size

    /// As a Mermaid flowchart.
    static member Mermaid(graph: Graph, size: int[]) : string =
        Networks.CheckSize(graph, size)
        Mermaid.draw graph size
