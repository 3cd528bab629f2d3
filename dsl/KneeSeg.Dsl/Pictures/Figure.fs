/// A network's picture with every place worked out: boxes, ways, sizes and what the colours mean.
module internal KneeSeg.Dsl.Figure

open System
open KneeSeg.Dsl.Boxes
open KneeSeg.Dsl.Heights
open KneeSeg.Dsl.Items
open KneeSeg.Dsl.Layout
open KneeSeg.Dsl.Notes
open KneeSeg.Dsl.Pieces
open KneeSeg.Dsl.Ports
open KneeSeg.Dsl.Routes

type Placed = {
    Box: Box
    /// Of the box without its label.
    Top: float
} with

    member placed.Bottom = placed.Top + placed.Box.Height
    member placed.Centre = placed.Top + placed.Box.Height / 2.0

type Line = {
    Link: Link
    Points: (float * float) list
    Note: Text option
}

type Figure = {
    Boxes: Placed[]
    Lines: Line[]
    /// The sizes of rows, and of maps that have another than their row.
    Sizes: Text list
    /// The window of most single convolutions along ways of a kind.
    Usual: Map<LinkKind, string>
    Width: float
    Bottom: float
}

let margin = 24.0

let private points (boxes: Placed[]) (bottoms: float[]) (way: Way) =
    let meet (port: Port) =
        let placed = boxes[port.Box]

        match port.Side with
        | Top -> [ port.X, placed.Top - labelHeight placed.Box ]
        | Bottom -> [ port.X, placed.Bottom ]
        | Left -> [ placed.Box.X, placed.Centre; port.X, placed.Centre ]
        | Right -> [ placed.Box.Right, placed.Centre; port.X, placed.Centre ]

    let start, finish = meet way.Start, List.rev (meet way.End)
    let source, target = boxes[way.Start.Box], boxes[way.End.Box]

    let middle =
        match way.Runs, way.Start.Side, way.End.Side with
        | [], Right, Left when abs (source.Centre - target.Centre) < 0.5 -> []
        | [], Right, Left when source.Centre > target.Top + 4.0 && source.Centre < target.Bottom - 4.0 -> []
        | [], Right, Left ->
            let x = way.End.X - gap / 2.0
            [ x, source.Centre; x, target.Centre ]
        | runs, _, _ -> [
            for run in runs do
                let y = bottoms[run.Channel] - 15.0 - float run.Lane * lane

                if run.Length > 0.5 then
                    run.From, y
                    run.To, y
          ]

    let all = start @ middle @ finish

    // A tall box is met at the height of the box before it.
    match way.Runs, way.Start.Side, way.End.Side with
    | [], Right, Left when middle.IsEmpty -> [ source.Box.Right, source.Centre; target.Box.X, source.Centre ]
    | _ ->
        (List.head all, List.pairwise all)
        |> fun (first, pairs) -> first :: (pairs |> List.filter (fun (a, b) -> a <> b) |> List.map snd)

let private joined (size: int[]) = String.Join('×', size)

/// The picture of a network for an input of this size, below `top`.
let figure detail (graph: Graph) (size: int[]) top =
    let layout = place graph detail
    let ways = ways layout
    let middles, bottoms, bottom = heights layout ways top

    let rowText row =
        match row with
        | Maps coarser -> joined (Array.map2 (fun n k -> if k = 0 then 1 else n / k) size coarser)
        | Heads -> "in training"
        | Vectors -> "vectors"

    let shift =
        margin
        + 14.0
        + (layout.Rows |> Array.map (rowText >> textWidth 10.0) |> Array.max)

    let boxes =
        layout.Boxes
        |> Array.map (fun box -> {
            Box = { box with X = box.X + shift }
            Top = middles[box.Row] + box.Below - box.Height / 2.0
        })

    let ways =
        ways
        |> Array.map (fun way -> {
            way with
                Start = {
                    way.Start with
                        X = way.Start.X + shift
                }
                End = { way.End with X = way.End.X + shift }
                Runs =
                    way.Runs
                    |> List.map (fun run -> {
                        run with
                            From = run.From + shift
                            To = run.To + shift
                    })
        })

    let usual = usual layout

    let lines =
        ways
        |> Array.map (fun way ->
            let points = points boxes bottoms way

            {
                Link = way.Link
                Points = points
                Note = note usual boxes[way.Link.To].Box.Item way.Link points
            })

    let sizes = [
        for row, kind in Array.indexed layout.Rows do
            if layout.Boxes |> Array.exists (fun box -> box.Row = row) then
                {
                    X = margin
                    Y = middles[row] + 3.5
                    Size = 10.0
                    Anchor = "start"
                    Content = rowText kind
                }

        for placed in boxes do
            match layout.Rows[placed.Box.Row] with
            | Maps coarser when placed.Box.Item.Last.Shape.Coarser <> coarser -> {
                X = placed.Box.Middle
                Y = placed.Bottom + 11.0
                Size = 9.0
                Anchor = "middle"
                Content = joined (Voxels.size size placed.Box.Item.Last)
              }
            | _ -> ()
    ]

    let texts = Seq.append sizes (lines |> Seq.choose _.Note)

    let right =
        Seq.append
            (boxes |> Seq.map (fun placed -> placed.Box.Right + 10.0))
            (lines |> Seq.collect _.Points |> Seq.map fst)
        |> Seq.max

    {
        Boxes = boxes
        Lines = lines
        Sizes = sizes
        Usual = usual
        Width = right + margin
        Bottom =
            texts
            |> Seq.map (fun text -> let _, _, _, below = text.Bounds in below)
            |> Seq.fold max bottom
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
