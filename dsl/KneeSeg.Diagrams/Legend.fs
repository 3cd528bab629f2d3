/// What the colors and signs of a picture mean, for those that it has.
module internal KneeSeg.Diagrams.Legend

open System
open KneeSeg.Dsl
open KneeSeg.Diagrams.Arrows
open KneeSeg.Diagrams.Boxes
open KneeSeg.Diagrams.Captions
open KneeSeg.Diagrams.Figure
open KneeSeg.Diagrams.Outline

type Sign =
    | OfLink of LinkKind
    | OfBox of Kind
    | OfMark of Mark

let private joined (words: string seq) = String.Join(", ", Seq.distinct words)

let private size (numbers: int[]) = String.Join('×', numbers)

/// How maps come up, with the convolution that follows where one does.
let private up (graph: Graph) =
    let followed (node: Node) =
        graph.Nodes
        |> Array.filter (fun next -> Array.contains node.Id next.Args)
        |> Array.tryExactlyOne
        |> Option.bind (fun next ->
            match next.Op with
            | Op.Conv conv -> Some $" and conv {size conv.Kernel}"
            | _ -> None)
        |> Option.defaultValue ""

    graph.Nodes
    |> Seq.choose (fun node ->
        match node.Op with
        | Op.Deconv _ -> Some "transposed convolution"
        | Op.UpsampleNearest _ -> Some("nearest neighbor" + followed node)
        | Op.UpsampleLinear _ -> Some("linear interpolation" + followed node)
        | Op.Unpool _ -> Some "max unpooling"
        | _ -> None)
    |> joined

/// "max pool 2×2, avg pool 2×2".
let private pools (graph: Graph) =
    let ofKind (name: string) sizeOf =
        match graph.Nodes |> Seq.choose (fun node -> sizeOf node.Op) |> Seq.map size |> joined with
        | "" -> []
        | sizes -> [ $"{name} {sizes}" ]

    joined [
        yield!
            ofKind "max pool" (function
                | Op.MaxPool pool -> Some pool.Size
                | _ -> None)
        yield!
            ofKind "avg pool" (function
                | Op.AvgPool pool -> Some pool.Size
                | _ -> None)
    ]

let private inputs (graph: Graph) =
    graph.Nodes
    |> Seq.choose (fun node ->
        match node.Op with
        | Op.Input name when name <> "image" -> Some name
        | _ -> None)
    |> joined

let private ofLink (graph: Graph) (figure: Figure) kind =
    match kind, Map.tryFind kind figure.Usual with
    | Along, Some kernel -> $"conv {size kernel} unless noted"
    | Along, None -> "convolution, or as the box says"
    | Pooled, _ -> pools graph
    | Strided, Some kernel -> $"strided conv {size kernel}"
    | Strided, None -> "strided convolution"
    | Upsampled, _ -> "up: " + up graph
    | Concatenated, _ -> "concatenated"
    | Added, _ -> "added"
    | Indices, _ -> "max pool indices"
    | Gating, _ -> "gating signal"
    | Conditioning, _ ->
        match inputs graph with
        | "" -> "vector"
        | names -> names
    | Training, _ -> "in training only"

/// Signs and what they mean.
let legend (graph: Graph) (figure: Figure) = [
    let hasBox test = Array.exists test figure.Boxes

    if hasBox (fun box -> box.Item.Kind = Map && box.IsBar) then
        OfBox Map, "feature map, channels on top"

    if hasBox (fun box -> not box.Item.Shares.IsEmpty) then
        OfBox Joined, "skip connection | upsampled"

    for kind in linkKinds do
        if figure.Lines |> Array.exists (fun line -> line.Link.Kind = kind) then
            OfLink kind, ofLink graph figure kind

    if hasBox (fun box -> box.Item.Kind = Gate) then
        OfBox Gate, "attention gate"

    yield!
        figure.Boxes
        |> Seq.filter (fun box -> not box.Lines.IsEmpty)
        |> Seq.collect _.Item.Caption.Marks
        |> Seq.map (fun mark ->
            OfMark mark,
            match mark with
            | Residual -> "residual"
            | Gated -> "gated"
            | Recurrent _ -> "recurrent, t more times")
        |> Seq.distinctBy snd
]
