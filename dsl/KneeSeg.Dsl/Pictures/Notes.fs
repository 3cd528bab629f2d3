/// What is written on the ways of a picture.
module internal KneeSeg.Dsl.Notes

open KneeSeg.Dsl.Boxes
open KneeSeg.Dsl.Items
open KneeSeg.Dsl.Layout
open KneeSeg.Dsl.Pieces

/// The window that most single convolutions along ways of a kind have; others are noted on their arrows.
let usual (layout: Layout) =
    layout.Links
    |> List.choose (fun link ->
        match layout.Boxes[link.To].Item.Piece.Kind, link.By with
        | Map, Op.Conv conv -> Some(link.Kind, Captions.window conv.Kernel)
        | _ -> None)
    |> List.groupBy fst
    |> List.choose (fun (kind, windows) ->
        let window, n = windows |> List.countBy snd |> List.maxBy snd
        if n > 1 || kind <> Along then Some(kind, window) else None)
    |> Map.ofList

/// What is written on a way to a box: a window that is not the usual one, or how a vector is told.
let note (usual: Map<LinkKind, string>) (target: Item) (link: Link) (points: (float * float) list) =
    let x, y = List.last points

    let text size anchor x y content =
        Some {
            X = x
            Y = y
            Size = size
            Anchor = anchor
            Content = content
        }

    let word =
        match link.By with
        | Op.Conv conv ->
            let window = Captions.window conv.Kernel

            if Map.tryFind link.Kind usual = Some window then
                ""
            else
                window
        | _ when link.Kind <> Along -> ""
        | Op.MaxPool _
        | Op.MeanPool _ -> "pool"
        | Op.MeanOver _ -> "mean"
        | Op.MaxOver _ -> "max"
        | Op.RepeatChannels _ -> "copies"
        | _ -> ""

    match link.By, points with
    | (Op.Multiply | Op.Add), _ when link.Kind = Told ->
        let isLevel = abs (y - snd points[points.Length - 2]) < 0.5
        let sign = if link.By.IsAdd then "+" else "×"

        if isLevel then
            text 11.0 "end" (x - 8.0) (y - 4.0) sign
        else
            text 11.0 "start" (x + 5.0) (y + 12.0) sign
    | _, [ fromX, fromY; _ ] when target.Piece.Kind = Map && word <> "" ->
        if abs (fromX - x) < 0.5 then
            text 9.0 "start" (x + 6.0) ((fromY + y) / 2.0 + 2.0) word
        else
            text 9.0 "middle" ((fromX + x) / 2.0) (y - 4.0) word
    | _ -> None
