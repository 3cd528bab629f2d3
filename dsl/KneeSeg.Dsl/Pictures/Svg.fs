/// A network's picture: down the left side, across, up the right side, with the channels and sizes of its maps.
module KneeSeg.Dsl.Svg

open System
open System.Globalization
open System.Text
open KneeSeg.Dsl.Boxes
open KneeSeg.Dsl.Figure
open KneeSeg.Dsl.Items
open KneeSeg.Dsl.Legend
open KneeSeg.Dsl.Pieces
open KneeSeg.Dsl.Strokes

let private kindOf (item: Item) =
    match item.Piece.Kind with
    | _ when item.IsAnswer -> "answer"
    | Image -> "image"
    | Given
    | Vector -> "vector"
    | Map
    | Joined when item.Times = 1 -> "map"
    | Gate -> "gate"
    | Operator -> "operator"
    | Kind.Head -> "head"
    | _ -> "block"

/// A box that is one map; of a concatenation, what crossed over stays white.
let private bar (placed: Placed) =
    let box = placed.Box
    let all = box.Item.Shares |> List.sumBy fst |> float

    if box.Item.Shares.IsEmpty then
        rectangle (kindOf box.Item) false box.X placed.Top box.Width box.Height
    else
        (box.X, box.Item.Shares)
        ||> List.mapFold (fun x (channels, crossed) ->
            let width = box.Width * float channels / all
            rectangle (if crossed then "crossed" else "map") false x placed.Top width box.Height, x + width)
        |> fst
        |> String.concat ""

let private drawn (placed: Placed) =
    let box = placed.Box
    let kind = kindOf box.Item

    let shape =
        match box.Item.Piece.Kind with
        | Gate ->
            circle kind box.Middle placed.Centre 9.0
            + cross kind box.Middle placed.Centre 3.5
        | Operator ->
            let sign = if box.Item.Last.Op.IsMultiply then cross else plus
            circle kind box.Middle placed.Centre 9.0 + sign "" box.Middle placed.Centre 4.5
        | _ when box.Lines.IsEmpty -> bar placed
        | _ -> rectangle kind true box.X placed.Top box.Width box.Height

    let marks = box.Item.Caption.Marks
    let marks = if box.Lines.IsEmpty then [] else marks

    let middle = if marks.IsEmpty then box.Middle else box.Middle - 7.0

    let first = placed.Centre - 6.0 * float (box.Lines.Length - 1) + 3.5

    String.Join(
        "",
        [
            shape

            for i, line in List.indexed box.Lines do
                written (if i = 0 && line.StartsWith "X " then "name" else "") {
                    X = middle
                    Y = first + 12.0 * float i
                    Size = 10.0
                    Anchor = "middle"
                    Content = line
                }

            for i, mark in List.indexed marks do
                sign
                    mark
                    (box.Right - 10.0)
                    (placed.Centre + 13.0 * (float i - float (marks.Length - 1) / 2.0))

            if box.Label <> "" then
                written "" {
                    X = box.Middle
                    Y = placed.Top - 3.5
                    Size = 10.0
                    Anchor = "middle"
                    Content = box.Label
                }
        ]
    )

/// The legend's lines, and its height.
let private explained (entries: (Sign * string) list) width y =
    let space = 26.0

    let entry (x, y) (shown, text) =
        let needed = 36.0 + textWidth 10.0 text

        let x, y =
            if x > margin && x + needed > width - margin then
                margin, y + 18.0
            else
                x, y

        let sample =
            match shown with
            | OfLink kind -> arrow kind [ x, y; x + 24.0, y ]
            | OfBox Joined ->
                rectangle "crossed" false (x + 2.0) (y - 7.0) 8.0 14.0
                + rectangle "map" false (x + 10.0) (y - 7.0) 8.0 14.0
            | OfBox Gate -> circle "gate" (x + 12.0) y 7.0 + cross "gate" (x + 12.0) y 3.0
            | OfBox _ -> rectangle "map" false (x + 8.0) (y - 7.0) 10.0 14.0
            | OfMark mark -> sign mark (x + 12.0) y

        sample
        + written "size" {
            X = x + 30.0
            Y = y + 3.5
            Size = 10.0
            Anchor = "start"
            Content = text
        },
        (x + needed + space - 10.0, y)

    let lines, (_, last) = List.mapFold entry (margin, y) entries
    lines, last

/// The picture, for an input of this size.
let draw (graph: Graph) (size: int[]) =
    let figure = fitting graph size 64.0
    let width = max 480.0 figure.Width
    let legend, last = explained (legend graph figure) width (figure.Bottom + 34.0)
    let height = last + margin
    let cost = Cost.measure graph size 1 4
    let text = StringBuilder()

    let line (element: string) =
        text.Append(element).Append('\n') |> ignore

    line
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {number width} {number height}\" width=\"{number width}\" height=\"{number height}\">"

    line $"<style>{style}</style><defs>{markers}</defs>"
    line "<rect width=\"100%\" height=\"100%\" style=\"fill:#fff\"/>"
    line $"<text class=\"title\" x=\"{number margin}\" y=\"30\">{escaped graph.Name}</text>"

    let note =
        String.Format(
            CultureInfo.InvariantCulture,
            "{0:N0} parameters, {1:N1} G multiply-accumulates at {2}",
            cost.Parameters,
            float cost.Macs / 1e9,
            String.Join('×', size)
        )

    line $"<text class=\"note\" x=\"{number margin}\" y=\"48\">{note}</text>"

    for one in figure.Lines do
        line (arrow one.Link.Kind one.Points)

        match one.Note with
        | Some note -> line (written (if one.Link.Kind = Told then "sign" else "size") note)
        | None -> ()

    for one in figure.Boxes do
        line (drawn one)

    for one in figure.Sizes do
        line (written "size" one)

    for one in legend do
        line one

    line "</svg>"
    text.ToString()
