/// A network's picture: down the left side, across, up the right side, with the channels and sizes of its feature maps.
module internal KneeSeg.Diagrams.Svg

open System
open System.Globalization
open KneeSeg.Dsl
open KneeSeg.Diagrams.Arrows
open KneeSeg.Diagrams.Boxes
open KneeSeg.Diagrams.Figure
open KneeSeg.Diagrams.Legend
open KneeSeg.Diagrams.Outline
open KneeSeg.Diagrams.Strokes

let private classOf (box: Box) =
    match box.Item.Kind with
    | _ when box.Item.IsOutput -> "output"
    | Image -> "image"
    | Given
    | Vector -> "vector"
    | Gate -> "gate"
    | Operator -> "operator"
    | Head -> "head"
    | _ -> if box.IsBar then "map" else "block"

/// A box that is one map; of a concatenation, the skip's share stays white.
let private bar (box: Box) =
    match box.Item.Shares with
    | [] -> rectangle (classOf box) false box.X box.Top box.Width box.Height
    | shares ->
        let all = shares |> List.sumBy fst |> float

        (box.X, shares)
        ||> List.mapFold (fun x (channels, isSkip) ->
            let width = box.Width * float channels / all
            rectangle (if isSkip then "encoder" else "map") false x box.Top width box.Height, x + width)
        |> fst
        |> String.concat ""

let private shape (box: Box) =
    let kind = classOf box

    match box.Item.Kind with
    | Gate -> circle kind box.Middle box.Center 9.0 + cross kind box.Middle box.Center 3.5
    | Operator ->
        let sign = if box.Item.Last.Op.IsMultiply then cross else plus
        circle kind box.Middle box.Center 9.0 + sign "" box.Middle box.Center 4.5
    | _ when box.Lines.IsEmpty -> bar box
    | _ -> rectangle kind true box.X box.Top box.Width box.Height

let private drawn (box: Box) =
    let marks = if box.Lines.IsEmpty then [] else box.Item.Caption.Marks
    let middle = if marks.IsEmpty then box.Middle else box.Middle - 7.0
    let first = box.Center - 6.0 * float (box.Lines.Length - 1) + 3.5

    let text x y content = { X = x; Y = y; Size = 10.0; Anchor = "middle"; Content = content }

    String.concat "" [
        shape box

        for i, line in List.indexed box.Lines do
            written (if Some line = box.Name then "name" else "") (text middle (first + 12.0 * float i) line)

        for i, mark in List.indexed marks do
            sign mark (box.Right - 10.0) (box.Center + 13.0 * (float i - float (marks.Length - 1) / 2.0))

        if box.Label <> "" then
            written "" (text box.Middle (box.Top - 3.5) box.Label)
    ]

/// The legend's lines, and where its last stands.
let private explained (entries: (Sign * string) list) width y =
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
                rectangle "encoder" false (x + 2.0) (y - 7.0) 8.0 14.0
                + rectangle "map" false (x + 10.0) (y - 7.0) 8.0 14.0
            | OfBox Gate -> circle "gate" (x + 12.0) y 7.0 + cross "gate" (x + 12.0) y 3.0
            | OfBox _ -> rectangle "map" false (x + 8.0) (y - 7.0) 10.0 14.0
            | OfMark mark -> sign mark (x + 12.0) y

        sample
        + written "size" { X = x + 30.0; Y = y + 3.5; Size = 10.0; Anchor = "start"; Content = text },
        (x + needed + 16.0, y)

    let lines, (_, last) = List.mapFold entry (margin, y) entries
    lines, last

/// The picture, for an input of this size.
let draw (graph: Graph) (size: int[]) =
    let figure = fitting graph size 64.0
    let width = max 480.0 figure.Width
    let legend, last = explained (legend graph figure) width (figure.Bottom + 34.0)
    let height = last + margin
    let cost = Networks.Cost(graph, size)

    let note =
        String.Format(
            CultureInfo.InvariantCulture,
            "{0:N0} parameters, {1:N1} G multiply-accumulates at {2}",
            cost.Parameters,
            float cost.Macs / 1e9,
            String.Join('×', size)
        )

    let lines = [
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {number width} {number height}\" width=\"{number width}\" height=\"{number height}\">"
        $"<style>{style}</style><defs>{markers}</defs>"
        "<rect width=\"100%\" height=\"100%\" style=\"fill:#fff\"/>"
        $"<text class=\"title\" x=\"{number margin}\" y=\"30\">{escaped graph.Name}</text>"
        $"<text class=\"note\" x=\"{number margin}\" y=\"48\">{note}</text>"

        for line in figure.Lines do
            arrow line.Link.Kind line.Points

            yield!
                Option.toList line.Label
                |> List.map (written (if line.Link.Kind = Conditioning then "sign" else "size"))

        yield! Seq.map drawn figure.Boxes
        yield! figure.Sizes |> List.map (written "size")
        yield! legend
        "</svg>"
    ]

    String.Join('\n', lines) + "\n"
