/// Where the boxes of a network's picture stand from left to right, and in which row. Rows are sizes of maps,
/// the finest on top, so that an encoder-decoder becomes the U of the papers by itself.
module internal KneeSeg.Dsl.Layout

open System.Collections.Generic
open KneeSeg.Dsl.Boxes
open KneeSeg.Dsl.Items
open KneeSeg.Dsl.Pieces
open KneeSeg.Dsl.Settling
open KneeSeg.Dsl.Sketch
open KneeSeg.Dsl.Trails

/// What a row of boxes has in common.
type Row =
    | Maps of coarser: int[]
    /// Heads that find no room in the row of their maps.
    | Heads
    | Vectors

type Layout = {
    Boxes: Box[]
    Links: Link list
    Rows: Row[]
    /// Diagonal ways between rows, as in the figure of UNet++.
    IsNested: bool
}

/// The rows of maps, finest first, and the row of a map.
let private rows (items: Item[]) =
    let shapes =
        items
        |> Array.filter (fun item -> not (isVector item.Last))
        |> Array.map _.Last.Shape.Coarser

    let wholes =
        shapes
        |> Array.filter (fun shape -> not (Array.contains 0 shape))
        |> Array.distinct

    let fits (whole: int[]) (shape: int[]) =
        Array.forall2 (fun k n -> n = 0 || n = k) whole shape

    let others =
        shapes
        |> Array.filter (fun shape -> not (Array.exists (fun whole -> fits whole shape) wholes))
        |> Array.distinct

    let all =
        Array.append wholes others
        |> Array.sortBy (fun shape -> shape |> Array.fold (fun n k -> n * int64 (max 1 k)) 1L, shape)

    all, (fun (item: Item) -> all |> Array.findIndex (fun whole -> fits whole item.Last.Shape.Coarser))

type private Placing(boxes: Box[], links: Link list, isNested) =
    let into = links |> List.groupBy _.To |> dict
    let ends = Dictionary<int, float>()
    let isPlaced = Array.create boxes.Length false

    let endOf row =
        match ends.TryGetValue row with
        | true, right -> right
        | _ -> -gap

    let reserve row right = ends[row] <- max (endOf row) right

    member _.Sources i =
        match into.TryGetValue i with
        | true, links -> links |> List.filter (fun link -> isPlaced[link.From])
        | _ -> []

    /// How far left a box may stand.
    member placing.Start i =
        let box = boxes[i]

        let after (link: Link) =
            let source = boxes[link.From]
            let between = [ min source.Row box.Row + 1 .. max source.Row box.Row - 1 ]

            let clear =
                between
                |> List.map (fun row -> endOf row + gap / 2.0 - box.Width / 2.0)
                |> List.fold max 0.0

            if source.Row = box.Row then
                source.Right + gap
            elif isNested && source.Item.Piece.Kind = Block && box.Item.Piece.Kind = Block then
                max clear (source.Middle + gap / 2.0)
            elif box.Item.Piece.Stack <> "" then
                max clear (source.Middle + gap / 2.0)
            else
                max clear (source.Middle - box.Width / 2.0)

        placing.Sources i
        |> List.map after
        |> List.fold max (max 0.0 (endOf box.Row + gap))

    member placing.Put i x =
        let box = { boxes[i] with X = x }
        boxes[i] <- box
        isPlaced[i] <- true
        reserve box.Row box.Right

        for link in placing.Sources i do
            let source = boxes[link.From]

            for row in min source.Row box.Row + 1 .. max source.Row box.Row - 1 do
                reserve row (box.Middle + 8.0)

    member _.EndOf row = endOf row

/// Whether levels have several answers, as in UNet++.
let isNested (graph: Graph) =
    graph.Nodes
    |> Array.exists (fun node -> Array.exists (Parts.isNumbered "answer") (node.Stage.Split '/'))

/// Finds a place for every box.
let place (graph: Graph) (detail: Detail) : Layout =
    let sketch = sketch detail graph
    let isNested = isNested graph

    let levels =
        graph.Nodes
        |> Array.choose (fun node -> node.Stage.Split '/' |> Array.tryFind Parts.isLevel)
        |> Array.distinct
        |> Array.length

    let shapes, rowOf = rows sketch.Items
    let boxes = sketch.Items |> Array.map (box isNested levels)
    let isVectorBox i = isVector boxes[i].Item.Last
    let isHead i = boxes[i].Item.Piece.Kind = Kind.Head
    let all = List.init boxes.Length id
    let vectors = all |> List.filter isVectorBox

    for i in all do
        boxes[i] <- {
            boxes[i] with
                Row =
                    if isVectorBox i then
                        shapes.Length + 1
                    else
                        1 + rowOf boxes[i].Item
        }

    let placing = Placing(boxes, sketch.Links, isNested)
    let stacks = HashSet<string>()

    for i in all |> List.filter (fun i -> not (isVectorBox i || isHead i)) do
        let name = boxes[i].Item.Piece.Stack

        let stackOf name =
            all
            |> List.filter (fun j -> boxes[j].Item.Piece.Stack = name && not (isVectorBox j))

        if name = "" then
            match stackOf boxes[i].Item.Piece.Way with
            | [] -> ()
            | members -> stretch boxes members i

            placing.Put i (placing.Start i)
        elif stacks.Add name then
            let members = stackOf name
            stack boxes members
            let x = members |> List.map placing.Start |> List.max
            members |> List.iter (fun j -> placing.Put j x)

    settleCrossings boxes sketch.Links

    for i in List.filter isHead all do
        let sources = placing.Sources i |> List.map (fun link -> boxes[link.From])

        match sources with
        | source :: _ when source.Row = boxes[i].Row && source.Right < placing.EndOf source.Row ->
            boxes[i] <- { boxes[i] with Row = 0 }
            placing.Put i (max (source.Middle - boxes[i].Width / 2.0) (placing.EndOf 0 + gap / 2.0))
        | _ -> placing.Put i (placing.Start i)

    if not vectors.IsEmpty then
        placeVectors boxes sketch.Links vectors

    let rows = [| Heads; yield! Array.map Maps shapes; Vectors |]

    {
        Boxes = boxes
        Links = sketch.Links
        Rows = rows
        IsNested = isNested
    }
