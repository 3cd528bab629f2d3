/// Where ways leave and meet boxes, and what shape they have.
module internal KneeSeg.Dsl.Ports

open System.Collections.Generic
open KneeSeg.Dsl.Boxes
open KneeSeg.Dsl.Items
open KneeSeg.Dsl.Layout
open KneeSeg.Dsl.Pieces

type Side =
    | Left
    | Right
    | Top
    | Bottom

/// Where a way meets a box.
type Port = { Box: int; Side: Side; X: float }

type Shape =
    | Straight
    | Diagonal
    | Over
    | Between

/// Half the width that a box and its label take.
let private half (box: Box) =
    (max box.Width (textWidth 10.0 box.Label)) / 2.0

let shapeOf (layout: Layout) (link: Link) =
    let source, target = layout.Boxes[link.From], layout.Boxes[link.To]

    let isBetween (box: Box) =
        box.Row = source.Row && box.X >= source.Right && box.Right <= target.X

    let isCell (box: Box) = box.Item.Piece.Kind = Block

    if source.Row = target.Row then
        let isBefore = source.Right < target.X

        if isBefore && not (Array.exists isBetween layout.Boxes) then
            Straight
        else
            Over
    elif
        layout.IsNested
        && isCell source
        && isCell target
        && abs (source.Row - target.Row) = 1
        && source.Middle < target.Middle
        && target.X - source.Right < 3.0 * gap
    then
        Diagonal
    else
        Between

let private isStacked (box: Box) = box.Item.Piece.Stack <> ""

/// The rows between two boxes.
let between (a: Box) (b: Box) = [ min a.Row b.Row + 1 .. max a.Row b.Row - 1 ]

/// What takes the room of rows.
let blocking (layout: Layout) rows =
    layout.Boxes
    |> Array.filter (fun box -> List.contains box.Row rows)
    |> Array.map (fun box -> box.Middle - half box - 5.0, box.Middle + half box + 5.0)

/// The sides on which a way leaves and arrives.
let sides (layout: Layout) shape (link: Link) =
    let source, target = layout.Boxes[link.From], layout.Boxes[link.To]
    let isDown = source.Row < target.Row

    let leaving =
        match shape with
        | Straight -> Right
        | _ when isStacked source -> Right
        | Over -> Top
        | _ -> if isDown then Bottom else Top

    let arriving =
        match shape with
        | Straight -> Left
        | _ when isStacked target -> Left
        | Over -> Top
        | _ -> if isDown then Top else Bottom

    leaving, arriving

/// Spreads the ways that meet a side of a box so that they need not cross: of those that return to the same row
/// the farther to the left, of others to the right.
let private spread (box: Box) (ends: (int * bool * bool * float) list) =
    let sorted =
        ends
        |> List.sortBy (fun (_, isLeaving, returns, other) ->
            isLeaving, not returns, (if returns then -other else other))

    let n = sorted.Length

    let step =
        if n < 2 then
            0.0
        else
            min 9.0 ((box.Width - 4.0) / float (n - 1))

    sorted
    |> List.mapi (fun k (i, isLeaving, _, _) ->
        (i, isLeaving), box.Middle + (float k - float (n - 1) / 2.0) * max 0.0 step)

let ports (layout: Layout) (links: Link[]) (shapes: Shape[]) =
    let ends = [
        for i, link in Array.indexed links do
            if shapes[i] = Over || shapes[i] = Between then
                let leaving, arriving = sides layout shapes[i] link
                let source, target = layout.Boxes[link.From], layout.Boxes[link.To]
                let returns = shapes[i] = Over
                (link.From, leaving), (i, true, returns, target.Middle)
                (link.To, arriving), (i, false, returns, source.Middle)
    ]

    let xs = Dictionary<int * bool, float>()
    let alone = HashSet<int * bool>()

    for (box, side), all in List.groupBy fst ends do
        let at = layout.Boxes[box]

        match side with
        | Left
        | Right ->
            for _, (i, isLeaving, _, _) in all do
                xs[(i, isLeaving)] <-
                    if side = Left then
                        at.X - gap / 2.0
                    else
                        at.Right + gap / 2.0
        | _ ->
            for key, x in spread at (List.map snd all) do
                xs[key] <- x

                if all.Length = 1 then
                    alone.Add key |> ignore

    // A way that is almost straight becomes straight.
    for i, link in Array.indexed links do
        if shapes[i] = Between then
            let leaving, arriving = sides layout shapes[i] link
            let start, finish = xs[(i, true)], xs[(i, false)]
            let source, target = layout.Boxes[link.From], layout.Boxes[link.To]
            let blocking = blocking layout (between source target)

            let isOn (box: Box) x =
                x >= box.X + 1.5
                && x <= box.Right - 1.5
                && blocking |> Array.forall (fun (left, right) -> x <= left || x >= right)

            if leaving <> Right && arriving <> Left then
                if isOn target start && (alone.Contains(i, false) || abs (start - finish) < 9.0) then
                    xs[(i, false)] <- start
                elif isOn source finish && (alone.Contains(i, true) || abs (start - finish) < 9.0) then
                    xs[(i, true)] <- finish

    xs
