/// A network's picture: down the left side, across, up the right side, with the shape of every map.
module KneeSeg.Dsl.Svg

open System
open System.Globalization
open System.Text
open KneeSeg.Dsl.Layout
open KneeSeg.Dsl.Parts

let private margin = 40.0
let private heading = 58.0
let private between = 66.0

let private number (x: float) =
    Math.Round(x, 1).ToString CultureInfo.InvariantCulture

let private escaped (text: string) =
    System.Security.SecurityElement.Escape text

let private style =
    "text{font-family:Helvetica,Arial,sans-serif;fill:#1b2733}"
    + ".title{font-size:17px;font-weight:600}.note{font-size:11px;fill:#5c6b7a}"
    + ".width{font-size:10px;text-anchor:middle}.size{font-size:9px;text-anchor:middle;fill:#5c6b7a}"
    + ".told{font-size:10px;fill:#a4551e;font-weight:600}"
    + ".map{fill:#5b8fd6;stroke:#2f5c9b}.crossed{fill:#fff;stroke:#2f5c9b;stroke-dasharray:3 2}.image{fill:#c9d3de;stroke:#5c6b7a}"
    + ".answer{fill:#58a67c;stroke:#2c6e4a}"
    + "path{fill:none;stroke-width:1.6}.along{stroke:#2f5c9b}.down{stroke:#b8433a}.up{stroke:#3b8f5c}.over{stroke:#8796a5}"

let private markers =
    [ "along", "#2f5c9b"; "down", "#b8433a"; "up", "#3b8f5c"; "over", "#8796a5" ]
    |> List.map (fun (name, colour) ->
        $"<marker id=\"{name}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"6\" markerHeight=\"6\" orient=\"auto\">"
        + $"<path d=\"M0 0L8 4L0 8Z\" style=\"fill:{colour};stroke:none\"/></marker>")
    |> String.concat ""

/// The middle of each row, from the top.
let private rows (picture: Picture) =
    let heights =
        picture.Bars
        |> List.groupBy _.Row
        |> List.map (fun (row, bars) -> row, bars |> List.map _.Height |> List.max)
        |> List.sortBy fst

    (heading + margin, heights)
    ||> List.mapFold (fun top (row, height) -> (row, top + height / 2.0), top + height + between)

let private arrow (middle: int -> float) (bars: Bar list) (arrow: Arrow) =
    let from, into = arrow.From, arrow.To
    let y, target = middle from.Row, middle into.Row

    let path, kind =
        if from.Row < into.Row then
            let x = from.Middle

            $"M{number x} {number (y + from.Height / 2.0 + 16.0)}L{number x} {number (target - into.Height / 2.0 - 16.0)}",
            "down"
        elif from.Row > into.Row then
            // From the middle of the lower map to the one above it, or to the one that stands further on.
            let x = from.Middle
            let landing = max x (into.X + into.Width / 2.0)

            $"M{number x} {number (y - from.Height / 2.0 - 16.0)}L{number landing} {number (target + into.Height / 2.0 + 16.0)}",
            "up"
        else
            let kind = if arrow.Over.IsSome then "over" else "along"

            let crowded =
                bars
                |> List.exists (fun bar -> bar.Row = from.Row && bar.X > from.X && bar.X < into.X)

            if crowded then
                let top = y - (max from.Height into.Height) / 2.0 - 14.0
                let rise = top - 26.0 - 0.04 * (into.X - from.X)

                $"M{number from.Middle} {number top}Q{number ((from.Middle + into.Middle) / 2.0)} {number rise} {number into.Middle} {number top}",
                kind
            else
                $"M{number (from.Right + 3.0)} {number y}L{number (into.X - 4.0)} {number y}", kind

    let label =
        match arrow.Over with
        | Some word when word <> "" ->
            $"<text class=\"told\" x=\"{number (into.X - 34.0)}\" y=\"{number (y - 6.0)}\">{word}</text>"
        | _ -> ""

    $"<path class=\"{kind}\" marker-end=\"url(#{kind})\" d=\"{path}\"/>{label}"

let private rectangle kind x y width height =
    $"<rect class=\"{kind}\" x=\"{number x}\" y=\"{number y}\" width=\"{number width}\" height=\"{number height}\"/>"

let private bar last size middle (bar: Bar) =
    let top = middle bar.Row - bar.Height / 2.0
    let bottom = top + bar.Height

    let isLast = bar.Node.Id = last

    let kind =
        if bar.Node.Op.IsInput then "image"
        elif isLast then "answer"
        else "map"

    let crossed = bar.Width * bar.Crossed

    let shapes =
        if crossed = 0.0 then
            rectangle kind bar.X top bar.Width bar.Height
        elif bar.CrossedFirst then
            rectangle "crossed" bar.X top crossed bar.Height
            + rectangle kind (bar.X + crossed) top (bar.Width - crossed) bar.Height
        else
            rectangle kind bar.X top (bar.Width - crossed) bar.Height
            + rectangle "crossed" (bar.Right - crossed) top crossed bar.Height

    let opens =
        match bar.Part with
        | None -> true
        | Some part ->
            match part.Place with
            | Down
            | Join
            | Up -> true
            | Outside -> isLast
            | _ -> false

    let told =
        match bar.Told with
        | Some name ->
            $"<text class=\"told\" x=\"{number (bar.Middle + 9.0)}\" y=\"{number (bottom + 28.0)}\">+ {escaped name}</text>"
        | None -> ""

    let size =
        if opens then
            let text = String.Join('×', Voxels.size size bar.Node)
            $"<text class=\"size\" x=\"{number bar.Middle}\" y=\"{number (bottom + 12.0)}\">{text}</text>"
        else
            ""

    $"{shapes}<text class=\"width\" x=\"{number bar.Middle}\" y=\"{number (top - 5.0)}\">{bar.Node.Shape.Channels}</text>{size}{told}"

/// The picture, for an input of this size.
let draw (graph: Graph) (size: int[]) =
    let picture = picture graph
    let rows, bottom = rows picture
    let shift (bar: Bar) = { bar with X = bar.X + margin }
    let bars = picture.Bars |> List.map shift

    let arrows =
        picture.Arrows
        |> List.map (fun arrow -> {
            arrow with
                From = shift arrow.From
                To = shift arrow.To
        })

    let middles = dict rows
    let middle row = middles[row]
    let last = (List.last bars).Node.Id
    let width = max 420.0 (margin + (bars |> List.map _.Right |> List.max))
    let height = bottom - between + margin + 16.0
    let cost = Cost.measure graph size
    let text = StringBuilder()

    let line (element: string) =
        text.Append(element).Append('\n') |> ignore

    line
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {number width} {number height}\" width=\"{number width}\" height=\"{number height}\">"

    line $"<style>{style}</style><defs>{markers}</defs>"
    line $"<rect width=\"100%%\" height=\"100%%\" style=\"fill:#fff\"/>"
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

    for one in arrows do
        line (arrow middle bars one)

    for one in bars do
        line (bar last size middle one)

    line "</svg>"
    text.ToString()
