/// A picture with every place worked out: boxes, arrows, sizes.
module internal KneeSeg.Diagrams.Figure

open System
open KneeSeg.Dsl
open KneeSeg.Diagrams.Arrows
open KneeSeg.Diagrams.Boxes
open KneeSeg.Diagrams.Grid
open KneeSeg.Diagrams.Labels
open KneeSeg.Diagrams.Outline
open KneeSeg.Diagrams.Ports
open KneeSeg.Diagrams.Routes

type Line = { Link: Link; Points: (float * float) list; Label: Text option }

type Figure = {
    Boxes: Box[]
    Lines: Line[]
    /// The sizes of rows, and of maps that have another than their row.
    Sizes: Text list
    /// The kernel of most single convolutions along arrows of a kind.
    Usual: Map<LinkKind, int[]>
    Width: float
    Bottom: float
}

let margin = 24.0

let private points (boxes: Box[]) (bottoms: float[]) (route: Route) =
    let arrow = route.Arrow
    let source, target = boxes[arrow.Link.From], boxes[arrow.Link.To]

    let meet (box: Box) side x =
        match side with
        | Top -> [ x, box.Top - labelHeight box ]
        | Bottom -> [ x, box.Bottom ]
        | Left -> [ box.X, box.Center; x, box.Center ]
        | Right -> [ box.Right, box.Center; x, box.Center ]

    let lanes = [
        for run in route.Runs do
            if run.Length > 0.5 then
                let y = bottoms[run.Channel] - 15.0 - float run.Lane * lane
                run.From, y
                run.To, y
    ]

    let isLevel =
        abs (source.Center - target.Center) < 0.5
        || source.Center > target.Top + 4.0 && source.Center < target.Bottom - 4.0

    match route.Runs, arrow.Leaves, arrow.Arrives with
    // A tall box is met at the height of the box before it.
    | [], Right, Left when isLevel -> [ source.Right, source.Center; target.X, source.Center ]
    | [], Right, Left ->
        let x = arrow.End - gap / 2.0

        [
            source.Right, source.Center
            x, source.Center
            x, target.Center
            target.X, target.Center
        ]
    | _ ->
        meet source arrow.Leaves arrow.Start
        @ lanes
        @ List.rev (meet target arrow.Arrives arrow.End)
        |> List.fold
            (fun path point ->
                if List.tryHead path = Some point then
                    path
                else
                    point :: path)
            []
        |> List.rev

let private joined (size: int[]) = String.Join('×', size)

/// The picture of a network for an input of this size, below `top`.
let figure detail (graph: Graph) (size: int[]) top =
    let grid = place graph detail
    let routes = routes grid
    let middles, bottoms = heights grid routes top

    let rowText row =
        match row with
        | Maps coarser -> joined (Array.map2 (fun n k -> if k = 0 then 1 else n / k) size coarser)
        | Heads -> "in training"
        | Vectors -> "vectors"

    /// Room for the sizes of rows.
    let left =
        margin
        + 14.0
        + (grid.Rows |> Array.map (rowText >> textWidth 10.0) |> Array.max)

    let placed =
        grid.Boxes
        |> Array.map (fun box -> { box with Top = middles[box.Row] + box.Below - box.Height / 2.0 })

    let boxes = placed |> Array.map (fun box -> { box with X = box.X + left })
    let usual = usual grid

    let lines =
        routes
        |> Array.map (fun route ->
            let link = route.Arrow.Link
            let points = points placed bottoms route |> List.map (fun (x, y) -> x + left, y)

            {
                Link = link
                Points = points
                Label = label usual boxes[link.To].Item link points
            })

    let text x y size anchor content = { X = x; Y = y; Size = size; Anchor = anchor; Content = content }

    let sizes = [
        for row, kind in Array.indexed grid.Rows do
            if boxes |> Array.exists (fun box -> box.Row = row) then
                text margin (middles[row] + 3.5) 10.0 "start" (rowText kind)

        for box in boxes do
            match grid.Rows[box.Row] with
            | Maps coarser when
                box.Item.Last.Shape.Stride <> coarser
                || Array.exists ((<>) 0) box.Item.Last.Shape.Extra
                ->
                text
                    box.Middle
                    (box.Bottom + 11.0)
                    9.0
                    "middle"
                    (joined (Networks.ShapeOf(box.Item.Last, size)))
            | _ -> ()
    ]

    let right =
        Seq.append
            (boxes |> Seq.map (fun box -> box.Right + 10.0))
            (lines |> Seq.collect _.Points |> Seq.map fst)
        |> Seq.max

    {
        Boxes = boxes
        Lines = lines
        Sizes = sizes
        Usual = usual
        Width = right + margin
        Bottom =
            Seq.append sizes (lines |> Seq.choose _.Label)
            |> Seq.map (fun text -> let _, _, _, below = text.Bounds in below)
            |> Seq.fold max (Array.last bottoms)
    }

/// Wider pictures show less of each part.
let private widest = 1800.0

/// The picture that shows most and is still readable.
let fitting (graph: Graph) size top =
    if isNested graph then
        figure EveryPart graph size top
    else
        let close = figure EveryMap graph size top

        if close.Width <= widest then
            close
        else
            let far = figure EveryPart graph size top
            if far.Width < close.Width then far else close
