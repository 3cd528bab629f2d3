/// What the colours and signs of a picture mean, for those that it has.
module internal KneeSeg.Dsl.Legend

open System
open KneeSeg.Dsl.Captions
open KneeSeg.Dsl.Figure
open KneeSeg.Dsl.Items
open KneeSeg.Dsl.Pieces

type Sign =
    | OfLink of LinkKind
    | OfBox of Kind
    | OfMark of Mark

let private joined (words: string seq) = String.Join(", ", Seq.distinct words)

/// "3×3" for "3" on images.
let private full (graph: Graph) (window: string) =
    String.Join('×', Array.create graph.Axes window)

/// How maps come up, with the convolution that follows where one does.
let private risen (graph: Graph) =
    let followed (node: Node) =
        graph.Nodes
        |> Array.filter (fun next -> Array.contains node.Id next.Args)
        |> Array.tryExactlyOne
        |> Option.bind (fun next ->
            match next.Op with
            | Op.Conv conv -> Some $" and conv {String.Join('×', conv.Kernel)}"
            | _ -> None)
        |> Option.defaultValue ""

    graph.Nodes
    |> Seq.choose (fun node ->
        match node.Op with
        | Op.Deconv _ -> Some "transposed convolution"
        | Op.Repeat _ -> Some("repetition" + followed node)
        | Op.Interpolate _ -> Some("interpolation" + followed node)
        | Op.Unpool _ -> Some "unpooling"
        | _ -> None)
    |> joined

let private pooled (graph: Graph) =
    let sizes (name: string) (found: int[] seq) =
        if Seq.isEmpty found then
            None
        else
            Some(name + " " + joined (found |> Seq.map (fun size -> String.Join('×', size))))

    let largest =
        graph.Nodes
        |> Seq.choose (fun node ->
            match node.Op with
            | Op.MaxPool pool -> Some pool.Size
            | _ -> None)

    let mean =
        graph.Nodes
        |> Seq.choose (fun node ->
            match node.Op with
            | Op.MeanPool pool -> Some pool.Size
            | _ -> None)

    [ sizes "max pool" largest; sizes "mean pool" mean ] |> List.choose id |> joined

let private given (graph: Graph) =
    graph.Nodes
    |> Seq.choose (fun node ->
        match node.Op with
        | Op.Input name when name <> "image" -> Some name
        | _ -> None)
    |> joined

let private ofLink (graph: Graph) (figure: Figure) kind =
    let conv =
        figure.Usual
        |> Map.tryFind kind
        |> Option.map (fun window -> " " + (if window.Contains '×' then window else full graph window))

    match kind, conv with
    | Along, Some window -> $"conv{window} unless noted"
    | Along, None -> "convolution, or as the box says"
    | Pooled, _ -> pooled graph
    | Strided, conv -> "strided conv" + Option.defaultValue "olution" conv
    | Risen, _ -> "up: " + risen graph
    | Crossing, _ -> "copied and concatenated"
    | Plus, _ -> "added"
    | Indices, _ -> "indices of the maxima"
    | Signal, _ -> "gating signal"
    | Told, _ ->
        match given graph with
        | "" -> "vector"
        | name -> name
    | Training, _ -> "in training only"

/// Signs and what they mean.
let legend (graph: Graph) (figure: Figure) = [
    let boxes = figure.Boxes |> Array.map (fun placed -> placed.Box.Item)

    if boxes |> Array.exists (fun item -> item.Piece.Kind = Map && item.Times = 1) then
        OfBox Map, "map, with its channels"

    if boxes |> Array.exists (fun item -> not item.Shares.IsEmpty) then
        OfBox Joined, "crossed over | came up"

    for kind in
        [
            Along
            Pooled
            Strided
            Risen
            Crossing
            Plus
            Indices
            Signal
            Told
            Training
        ] do
        if figure.Lines |> Array.exists (fun line -> line.Link.Kind = kind) then
            OfLink kind, ofLink graph figure kind

    if boxes |> Array.exists (fun item -> item.Piece.Kind = Gate) then
        OfBox Gate, "attention gate"

    for mark, text in
        figure.Boxes
        |> Seq.filter (fun placed -> not placed.Box.Lines.IsEmpty)
        |> Seq.collect (fun placed -> placed.Box.Item.Caption.Marks)
        |> Seq.distinct
        |> Seq.map (fun mark ->
            mark,
            match mark with
            | Residual -> "residual"
            | Masked -> "masked"
            | Recurrent _ -> "runs t times more")
        |> Seq.distinctBy snd do
        OfMark mark, text
]
