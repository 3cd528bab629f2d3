/// What is written on the arrows of a picture.
module internal KneeSeg.Diagrams.Labels

open KneeSeg.Dsl
open KneeSeg.Diagrams.Arrows
open KneeSeg.Diagrams.Boxes
open KneeSeg.Diagrams.Grid
open KneeSeg.Diagrams.Outline

/// The kernel that most single convolutions along arrows of a kind have; others are noted on their arrows.
let usual (grid: Grid) =
    grid.Links
    |> List.choose (fun link ->
        match grid.Boxes[link.To].Item.Kind, link.By with
        | Map, Op.Conv conv -> Some(link.Kind, conv.Kernel)
        | _ -> None)
    |> List.groupBy fst
    |> List.choose (fun (kind, kernels) ->
        let kernel, n = kernels |> List.countBy snd |> List.maxBy snd
        if n > 1 || kind <> Along then Some(kind, kernel) else None)
    |> Map.ofList

/// What an arrow's operation does, where its color does not say it.
let private word (usual: Map<LinkKind, int[]>) (link: Link) =
    match link.By with
    | Op.Conv conv when Map.tryFind link.Kind usual = Some conv.Kernel -> ""
    | Op.Conv conv -> Captions.window conv.Kernel
    | _ when link.Kind <> Along -> ""
    | Op.MaxPool _
    | Op.AvgPool _ -> "pool"
    | Op.Mean _
    | Op.MeanOverChannels -> "avg"
    | Op.Max _
    | Op.MaxOverChannels -> "max"
    | Op.TileChannels _ -> "tile"
    | Op.Pad(before, after) -> if Seq.sum before + Seq.sum after < 0 then "crop" else "pad"
    | Op.PadChannels _ -> "pad"
    | Op.ChannelGroup(index, groups) -> $"{index} of {groups}"
    | Op.SpaceToChannels _ -> "to channels"
    | Op.ChannelsToSpace _ -> "to space"
    | Op.ArgmaxOverChannels -> "argmax"
    | _ -> ""

/// What is written on an arrow: a kernel that is not the usual one, or how a vector joins a map.
let label usual (target: Item) (link: Link) (points: (float * float) list) =
    let text size anchor x y content =
        Some { X = x; Y = y; Size = size; Anchor = anchor; Content = content }

    let x, y = List.last points
    let word = word usual link

    match link.By, points with
    | (Op.Multiply | Op.Add), _ when link.Kind = Conditioning ->
        let isLevel = abs (y - snd points[points.Length - 2]) < 0.5
        let sign = if link.By.IsAdd then "+" else "×"

        if isLevel then
            text 11.0 "end" (x - 8.0) (y - 4.0) sign
        else
            text 11.0 "start" (x + 5.0) (y + 12.0) sign
    | _, [ fromX, fromY; _ ] when target.Kind = Map && word <> "" ->
        if abs (fromX - x) < 0.5 then
            text 9.0 "start" (x + 6.0) ((fromY + y) / 2.0 + 2.0) word
        else
            text 9.0 "middle" ((fromX + x) / 2.0) (y - 4.0) word
    | _ -> None
