/// The elements of a picture in SVG: texts, boxes, arrows, signs, and how they look.
module internal KneeSeg.Diagrams.Strokes

open System
open System.Globalization
open System.Text
open KneeSeg.Diagrams.Arrows
open KneeSeg.Diagrams.Boxes
open KneeSeg.Diagrams.Captions

let number (x: float) =
    Math.Round(x, 1).ToString CultureInfo.InvariantCulture

let escaped (text: string) =
    System.Security.SecurityElement.Escape text

/// Name, color and dashes of each kind of arrow.
let private look kind =
    match kind with
    | Along -> "along", "#51708f", ""
    | Pooled -> "pooled", "#c0504d", ""
    | Strided -> "strided", "#c98a2b", ""
    | Upsampled -> "upsampled", "#3d9364", ""
    | Concatenated -> "concatenated", "#98a5b3", ""
    | Added -> "added", "#7d8fb8", ""
    | Indices -> "indices", "#b06a8c", ";stroke-dasharray:5 3"
    | Gating -> "gating", "#8059b0", ""
    | Conditioning -> "conditioning", "#b9682a", ""
    | Training -> "training", "#8a8a8a", ";stroke-dasharray:3 3"

let private forEach element =
    linkKinds |> List.map (look >> element) |> String.concat ""

let style =
    "text{font-family:Helvetica,Arial,'Liberation Sans',sans-serif;fill:#22303c}"
    + ".title{font-size:17px;font-weight:600}.note{font-size:11px;fill:#5c6b7a}.size{fill:#5c6b7a}.sign{fill:#b9682a}"
    + ".glyph{fill:none;stroke:#5b84b8;stroke-width:1.2}.map{fill:#d6e4f5;stroke:#5b84b8}.image{fill:#e6eaee;stroke:#8291a1}.output{fill:#d3eadb;stroke:#3d8a5d}"
    + ".encoder{fill:#fff;stroke:#5b84b8}.block{fill:#eaf1fa;stroke:#5b84b8}.vector{fill:#fbeee0;stroke:#b9682a}"
    + ".gate{fill:#efe7f8;stroke:#8059b0}.operator{fill:#fff;stroke:#5b84b8}.head{fill:#fff;stroke:#8a8a8a;stroke-dasharray:3 2}"
    + "path{fill:none;stroke-width:1.5}.name{font-weight:600}"
    + forEach (fun (name, color, dashes) -> $".{name}{{stroke:{color}{dashes}}}")

let markers =
    forEach (fun (name, color, _) ->
        $"<marker id=\"{name}\" viewBox=\"0 0 8 8\" refX=\"7.5\" refY=\"4\" markerWidth=\"6\" markerHeight=\"6\" orient=\"auto\">"
        + $"<path d=\"M0 0.5L8 4L0 7.5Z\" style=\"fill:{color};stroke:none\"/></marker>")

let rectangle kind round x y width height =
    let corner = if round then " rx=\"4\"" else ""
    $"<rect class=\"{kind}\" x=\"{number x}\" y=\"{number y}\" width=\"{number width}\" height=\"{number height}\"{corner}/>"

let written kind (text: Text) =
    $"<text class=\"{kind}\" x=\"{number text.X}\" y=\"{number text.Y}\" style=\"font-size:{number text.Size}px;text-anchor:{text.Anchor}\">{escaped text.Content}</text>"

/// A path through points, its corners rounded.
let private path (points: (float * float) list) =
    let towards (x, y) (a, b) by =
        let length = Math.Sqrt((a - x) ** 2.0 + (b - y) ** 2.0)
        let share = if length = 0.0 then 0.0 else min 0.5 (by / length)
        x + share * (a - x), y + share * (b - y)

    let text = StringBuilder()

    let add (command: string) (x, y) =
        text.Append(command).Append(number x).Append(' ').Append(number y) |> ignore

    let rec go points =
        match points with
        | before :: (corner :: after :: _ as rest) ->
            add "L" (towards corner before 7.0)
            add "Q" corner
            add " " (towards corner after 7.0)
            go rest
        | [ _; last ] -> add "L" last
        | _ -> ()

    add "M" points.Head
    go points
    text.ToString()

let arrow kind points =
    let name, _, _ = look kind
    $"<path class=\"{name}\" marker-end=\"url(#{name})\" d=\"{path points}\"/>"

let plus kind x y r =
    $"<path class=\"{kind} glyph\" d=\"M{number (x - r)} {number y}H{number (x + r)}M{number x} {number (y - r)}V{number (y + r)}\"/>"

let cross kind x y r =
    $"<path class=\"{kind} glyph\" d=\"M{number (x - r)} {number (y - r)}L{number (x + r)} {number (y + r)}M{number (x - r)} {number (y + r)}L{number (x + r)} {number (y - r)}\"/>"

let circle kind x y r =
    $"<circle class=\"{kind}\" cx=\"{number x}\" cy=\"{number y}\" r=\"{number r}\"/>"

/// A sign of 10 by 10 around a point.
let sign mark x y =
    match mark with
    | Residual -> circle "glyph" x y 5.0 + plus "" x y 3.0
    | Gated -> circle "glyph" x y 5.0 + cross "" x y 2.2
    | Recurrent _ ->
        $"<path class=\"glyph\" d=\"M{number (x + 3.5)} {number (y - 3.5)}A5 5 0 1 0 {number (x + 5.0)} {number y}\"/>"
        + $"<path class=\"glyph\" d=\"M{number (x + 0.2)} {number (y - 4.2)}L{number (x + 3.8)} {number (y - 3.2)}L{number (x + 4.2)} {number (y - 6.8)}\"/>"
