/// In which row and where along it the boxes of a picture stand. Rows are sizes of feature maps, the finest on top, so that
/// an encoder-decoder becomes the U of the papers by itself.
module internal KneeSeg.Diagrams.Grid

open System.Collections.Generic
open KneeSeg.Dsl
open KneeSeg.Diagrams.Arrows
open KneeSeg.Diagrams.Boxes
open KneeSeg.Diagrams.Nodes
open KneeSeg.Diagrams.Outline

/// What a row of boxes has in common.
type Row =
    | Maps of coarser: int[]
    /// Heads that find no room in the row of their maps.
    | Heads
    | Vectors

type Grid = {
    Boxes: Box[]
    Links: Link list
    Rows: Row[]
    /// Diagonal arrows between rows, as in the figure of UNet++.
    IsNested: bool
}

/// The rows of maps, finest first, and the row of a map.
let private rows (items: Item[]) =
    let shapes =
        items
        |> Array.filter (fun item -> not (isVector item.Last))
        |> Array.map _.Last.Shape.Stride

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

    all, (fun (item: Item) -> all |> Array.findIndex (fun whole -> fits whole item.Last.Shape.Stride))

/// The rows between two boxes.
let between (a: Box) (b: Box) = [ min a.Row b.Row + 1 .. max a.Row b.Row - 1 ]

/// Puts boxes from left to right, each behind what leads to it.
type private Placing(boxes: Box[], links: Link list, isNested) =
    let into = links |> List.groupBy _.To |> dict
    let ends = Dictionary<int, float>()
    let isPlaced = Array.create boxes.Length false

    let endOf row =
        match ends.TryGetValue row with
        | true, right -> right
        | _ -> -gap

    let reserve row right = ends[row] <- max (endOf row) right

    let sources i =
        match into.TryGetValue i with
        | true, links -> [
            for link in links do
                if isPlaced[link.From] then
                    boxes[link.From]
          ]
        | _ -> []

    /// How far left a box may stand.
    let start i =
        let box = boxes[i]

        let after (source: Box) =
            let clear =
                between source box
                |> List.map (fun row -> endOf row + gap / 2.0 - box.Width / 2.0)
                |> List.fold max 0.0

            let isDiagonal = isNested && source.Item.Kind = Block && box.Item.Kind = Block

            if source.Row = box.Row then
                source.Right + gap
            elif isDiagonal || not box.Item.Stack.IsEmpty then
                max clear (source.Middle + gap / 2.0)
            else
                max clear (source.Middle - box.Width / 2.0)

        sources i |> List.map after |> List.fold max (max 0.0 (endOf box.Row + gap))

    let put i x =
        boxes[i] <- { boxes[i] with X = x }
        isPlaced[i] <- true
        reserve boxes[i].Row boxes[i].Right

        for source in sources i do
            for row in between source boxes[i] do
                reserve row (boxes[i].Middle + 8.0)

    member _.Put i = put i (start i)

    /// Puts sides of a fork one below the other, as wide as the widest.
    member _.PutStack members =
        let space = 10.0 + (members |> List.map (fun i -> labelHeight boxes[i]) |> List.max)
        let width = members |> List.map (fun i -> boxes[i].Width) |> List.max
        let height = members |> List.sumBy (fun i -> boxes[i].Height + space)

        (-(height - space) / 2.0, members)
        ||> List.fold (fun top i ->
            boxes[i] <- { boxes[i] with Width = width; Below = top + boxes[i].Height / 2.0 }

            top + boxes[i].Height + space)
        |> ignore

        let x = members |> List.map start |> List.max
        members |> List.iter (fun i -> put i x)

    /// Puts a head behind its map, or above all rows where its row continues.
    member _.PutHead i =
        match sources i with
        | source :: _ when source.Row = boxes[i].Row && source.Right < endOf source.Row ->
            boxes[i] <- { boxes[i] with Row = 0 }
            put i (max (source.Middle - boxes[i].Width / 2.0) (endOf 0 + gap / 2.0))
        | _ -> put i (start i)

/// Makes what joins the sides of a fork as high as they are together.
let private stretch (boxes: Box[]) members i =
    let reach =
        members
        |> List.map (fun j -> abs boxes[j].Below + boxes[j].Height / 2.0)
        |> List.max

    boxes[i] <- { boxes[i] with Height = 2.0 * reach }

/// Moves skips and gates closer to where they are joined.
let private settleSkips (boxes: Box[]) (links: Link list) =
    let shift share (members: int list) =
        let left = members |> List.map (fun i -> boxes[i].X) |> List.min
        let right = members |> List.map (fun i -> boxes[i].Right) |> List.max
        let row = boxes[members.Head].Row

        let next = [
            for link in links do
                if List.contains link.From members && not (List.contains link.To members) then
                    boxes[link.To]
        ]

        let isAlone =
            members |> List.forall (fun i -> boxes[i].Row = row)
            && not next.IsEmpty
            && next |> List.forall (fun box -> box.Row = row)

        if isAlone then
            let limit = (next |> List.map _.X |> List.min) - gap

            let isFree =
                Array.indexed boxes
                |> Array.forall (fun (i, box) ->
                    List.contains i members
                    || box.Row <> row
                    || box.Right <= left
                    || box.X >= limit + gap)

            if isFree && limit > right then
                for i in members do
                    boxes[i] <- { boxes[i] with X = boxes[i].X + share * (limit - right) }

    for place, share in [ Step.Gate, 1.0; Step.Skip, 0.5 ] do
        Array.indexed boxes
        |> Array.filter (fun (_, box) -> box.Item.Place = Some place)
        |> Array.groupBy (fun (_, box) -> box.Item.Part)
        |> Array.iter (snd >> Array.map fst >> List.ofArray >> shift share)

/// Puts vectors below the feature maps that they condition, each left of the next.
let private placeVectors (boxes: Box[]) (links: Link list) vectors =
    let row = boxes[List.head vectors].Row

    /// From where one can go straight up to a row.
    let free above x =
        (x,
         boxes
         |> Array.filter (fun box -> box.Row > above && box.Row < row)
         |> Array.sortBy _.X)
        ||> Array.fold (fun x box ->
            if x > box.X - 10.0 && x < box.Right + 10.0 then
                box.Right + 14.0
            else
                x)

    for i in List.rev vectors do
        let targets = [
            for link in links do
                if link.From = i then
                    boxes[link.To]
        ]

        let x =
            match targets |> List.partition (fun target -> target.Row = row) with
            | [], [] -> 0.0
            | [], above ->
                above
                |> List.map (fun target -> free target.Row target.Middle - boxes[i].Width / 2.0)
                |> List.max
            | beside, _ -> (beside |> List.map _.X |> List.min) - gap - boxes[i].Width

        boxes[i] <- { boxes[i] with X = x }

    // From left to right, so that none stands on another.
    let sorted = vectors |> List.sortBy (fun i -> boxes[i].X)

    (max 0.0 boxes[sorted.Head].X, sorted)
    ||> List.fold (fun least i ->
        boxes[i] <- { boxes[i] with X = max least boxes[i].X }

        boxes[i].Right + gap)
    |> ignore

/// Whether levels have several outputs, as in UNet++.
let isNested (graph: Graph) =
    graph.Nodes |> Array.exists (fun node -> node.Path |> Array.exists _.IsAnswer)

/// Finds a place for every box.
let place (graph: Graph) (detail: Detail) : Grid =
    let sketch = sketch detail graph
    let isNested = isNested graph

    let levels =
        graph.Nodes
        |> Seq.choose (fun node -> node.Path |> Array.tryFind _.IsLevel)
        |> Seq.distinct
        |> Seq.length

    let shapes, rowOf = rows sketch.Items

    let boxes =
        sketch.Items
        |> Array.map (fun item -> {
            box isNested levels item with
                Row =
                    if isVector item.Last then
                        shapes.Length + 1
                    else
                        1 + rowOf item
        })

    let vectors, maps =
        List.init boxes.Length id
        |> List.partition (fun i -> isVector boxes[i].Item.Last)

    let heads, maps = maps |> List.partition (fun i -> boxes[i].Item.Kind = Head)
    let placing = Placing(boxes, sketch.Links, isNested)

    let stacks =
        maps @ heads
        |> List.filter (fun i -> not boxes[i].Item.Stack.IsEmpty)
        |> List.groupBy (fun i -> boxes[i].Item.Stack)
        |> Map.ofList

    for i in maps do
        let item = boxes[i].Item

        match item.Stack with
        | [] ->
            Map.tryFind item.Path stacks
            |> Option.iter (fun members -> stretch boxes members i)

            placing.Put i
        | stack when i = stacks[stack].Head -> placing.PutStack stacks[stack]
        | _ -> ()

    settleSkips boxes sketch.Links
    List.iter placing.PutHead heads

    if not vectors.IsEmpty then
        placeVectors boxes sketch.Links vectors

    {
        Boxes = boxes
        Links = sketch.Links
        Rows = [| Heads; yield! Array.map Maps shapes; Vectors |]
        IsNested = isNested
    }
