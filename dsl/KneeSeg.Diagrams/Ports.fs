/// Where arrows leave and meet boxes, and what shape they have.
module internal KneeSeg.Diagrams.Ports

open System.Collections.Generic
open KneeSeg.Diagrams.Arrows
open KneeSeg.Diagrams.Boxes
open KneeSeg.Diagrams.Grid
open KneeSeg.Diagrams.Outline

type Side =
    | Left
    | Right
    | Top
    | Bottom

type Shape =
    | Straight
    /// From row to row, in nested levels.
    | Diagonal
    /// Back to the same row, above it.
    | Over
    /// To another row.
    | Between

/// An arrow, and where it meets its boxes.
type Arrow = {
    Link: Link
    From: Box
    To: Box
    Shape: Shape
    Leaves: Side
    Arrives: Side
    Start: float
    End: float
}

/// What takes the room of rows.
let blocking (grid: Grid) rows =
    grid.Boxes
    |> Array.filter (fun box -> List.contains box.Row rows)
    |> Array.map (fun box ->
        let half = (max box.Width (textWidth 10.0 box.Label)) / 2.0 + 5.0
        box.Middle - half, box.Middle + half)

let private shapeOf (grid: Grid) (from: Box) (into: Box) =
    let isBetween (box: Box) =
        box.Row = from.Row && box.X >= from.Right && box.Right <= into.X

    if from.Row = into.Row then
        if from.Right < into.X && not (Array.exists isBetween grid.Boxes) then
            Straight
        else
            Over
    elif
        grid.IsNested
        && from.Item.Kind = Block
        && into.Item.Kind = Block
        && abs (from.Row - into.Row) = 1
        && from.Middle < into.Middle
        && into.X - from.Right < 3.0 * gap
    then
        Diagonal
    else
        Between

/// The arrow of a link, on the sides where it meets its boxes.
let private arrow (grid: Grid) (link: Link) =
    let from, into = grid.Boxes[link.From], grid.Boxes[link.To]
    let shape = shapeOf grid from into
    let isDown = from.Row < into.Row
    let isStacked (box: Box) = not box.Item.Stack.IsEmpty

    {
        Link = link
        From = from
        To = into
        Shape = shape
        Leaves =
            match shape with
            | Straight -> Right
            | _ when isStacked from -> Right
            | Over -> Top
            | _ -> if isDown then Bottom else Top
        Arrives =
            match shape with
            | Straight -> Left
            | _ when isStacked into -> Left
            | Over -> Top
            | _ -> if isDown then Top else Bottom
        Start =
            if shape = Diagonal then
                from.X + 0.72 * from.Width
            else
                from.Right
        End =
            if shape = Diagonal then
                into.X + 0.28 * into.Width
            else
                into.X
    }

/// One end of an arrow.
type private End = {
    Arrow: int
    IsLeaving: bool
    /// Whether the arrow returns to the same row.
    Returns: bool
    /// The middle of the box at the other end.
    Other: float
}

/// Spreads the arrows that meet a side of a box so that they need not cross: of those that return to the same row
/// the farther to the left, of others to the right.
let private spread (box: Box) (ends: End list) =
    let sorted =
        ends
        |> List.sortBy (fun at -> at.IsLeaving, not at.Returns, (if at.Returns then -at.Other else at.Other))

    let n = sorted.Length

    let step =
        if n < 2 then
            0.0
        else
            max 0.0 (min 9.0 ((box.Width - 4.0) / float (n - 1)))

    sorted
    |> List.mapi (fun k at -> at, box.Middle + (float k - float (n - 1) / 2.0) * step)

/// The arrows of all links, with the places where they leave and arrive.
let arrows (grid: Grid) =
    let arrows = [| for link in grid.Links -> arrow grid link |]

    let ends = [
        for i, arrow in Array.indexed arrows do
            if arrow.Shape = Over || arrow.Shape = Between then
                let returns = arrow.Shape = Over

                for isLeaving, at, side, other in
                    [
                        true, arrow.Link.From, arrow.Leaves, arrow.To.Middle
                        false, arrow.Link.To, arrow.Arrives, arrow.From.Middle
                    ] do
                    (at, side), { Arrow = i; IsLeaving = isLeaving; Returns = returns; Other = other }
    ]

    let put at x =
        arrows[at.Arrow] <-
            if at.IsLeaving then
                { arrows[at.Arrow] with Start = x }
            else
                { arrows[at.Arrow] with End = x }

    let alone = HashSet<int * bool>()

    for (box, side), all in List.groupBy fst ends do
        let box = grid.Boxes[box]
        let all = List.map snd all

        match side with
        | Left -> all |> List.iter (fun at -> put at (box.X - gap / 2.0))
        | Right -> all |> List.iter (fun at -> put at (box.Right + gap / 2.0))
        | Top
        | Bottom ->
            spread box all |> List.iter (fun (at, x) -> put at x)

            match all with
            | [ only ] -> alone.Add((only.Arrow, only.IsLeaving)) |> ignore
            | _ -> ()

    // An arrow that is almost straight becomes straight.
    for i, arrow in Array.indexed arrows do
        if arrow.Shape = Between && arrow.Leaves <> Right && arrow.Arrives <> Left then
            let blocking = blocking grid (between arrow.From arrow.To)
            let isNear = abs (arrow.Start - arrow.End) < 9.0

            let isOn (box: Box) x =
                x >= box.X + 1.5
                && x <= box.Right - 1.5
                && blocking |> Array.forall (fun (left, right) -> x <= left || x >= right)

            if isOn arrow.To arrow.Start && (isNear || alone.Contains((i, false))) then
                arrows[i] <- { arrow with End = arrow.Start }
            elif isOn arrow.From arrow.End && (isNear || alone.Contains((i, true))) then
                arrows[i] <- { arrow with Start = arrow.End }

    arrows
