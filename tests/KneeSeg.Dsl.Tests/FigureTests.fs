/// What holds for the picture of any network: every box and text has its own room, every way ends on boxes.
module KneeSeg.Dsl.Tests.FigureTests

open Expecto
open KneeSeg.Diagrams
open KneeSeg.Diagrams.Boxes
open KneeSeg.Diagrams.Figure
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Tests.Gallery

/// Left, top, right, bottom.
type private Area = float * float * float * float

let private ofBox (box: Box) : Area = box.X, box.Top, box.Right, box.Bottom

let private ofLabel (box: Box) : Area list =
    if box.Label = "" then
        []
    else
        let half = textWidth 10.0 box.Label / 2.0

        [
            box.Middle - half, box.Top - labelHeight box, box.Middle + half, box.Top - 1.0
        ]

let private meet ((a, b, c, d): Area) ((e, f, g, h): Area) =
    a < g - 0.1 && e < c - 0.1 && b < h - 0.1 && f < d - 0.1

/// Whether a stretch of a way leads through an area; all but diagonals are upright or level.
let private crosses ((left, top, right, bottom): Area) ((x1, y1), (x2, y2)) =
    let inside (x, y) =
        x > left + 0.5 && x < right - 0.5 && y > top + 0.5 && y < bottom - 0.5

    [ 0.0..0.05..1.0 ]
    |> List.exists (fun share -> inside (x1 + share * (x2 - x1), y1 + share * (y2 - y1)))

let private touches (box: Box) (x, y) =
    let left, top, right, bottom = ofBox box
    let top = top - labelHeight box

    x >= left - 1.0
    && x <= right + 1.0
    && y >= top - 1.0
    && y <= bottom + 1.0
    && not (crosses (left, top, right, bottom) ((x, y), (x, y)))

/// What is wrong with a picture.
let private faults (figure: Figure) = [
    let boxes = Array.indexed figure.Boxes

    let areas = [
        for i, box in boxes do
            i, ofBox box

            for label in ofLabel box do
                i, label
    ]

    for i, a in areas do
        for j, b in areas do
            if i < j && meet a b then
                $"boxes {i} and {j} meet"

    let texts = figure.Sizes @ (figure.Lines |> Array.choose _.Label |> List.ofArray)

    for text in texts do
        for i, area in areas do
            if meet text.Bounds area then
                $"'{text.Content}' meets box {i}"

    for line in figure.Lines do
        let from, into = figure.Boxes[line.Link.From], figure.Boxes[line.Link.To]

        if not (touches from (List.head line.Points) && touches into (List.last line.Points)) then
            $"the way from {line.Link.From} to {line.Link.To} ends off its boxes"

        for stretch in List.pairwise line.Points do
            for i, box in boxes do
                if crosses (ofBox box) stretch then
                    $"the way from {line.Link.From} to {line.Link.To} leads through {i}"

    let corners = [
        for _, (left, top, right, bottom) in areas do
            left, top
            right, bottom

        for line in figure.Lines do
            yield! line.Points

        for text in texts do
            let left, top, right, bottom = text.Bounds
            left, top
            right, bottom
    ]

    for x, y in corners do
        if x < 0.0 || x > figure.Width || y < 50.0 || y > figure.Bottom + 0.1 then
            $"({x}, {y}) is outside the picture"
]

let private isSound (graph: Graph) what figure =
    match faults figure with
    | [] -> ()
    | fault :: _ as all -> failtest $"{graph.Name}, {what}: {fault} ({all.Length} faults)"

let private sound (graph: Graph) =
    let size = graph.Multiple |> Array.map (fun n -> n * 2)

    for detail in [ Outline.EveryMap; Outline.EveryPart ] do
        isSound graph (string detail) (figure detail graph size 64.0)

let private graphOf network =
    match elaborated network with
    | Ok graph -> graph
    | Error problems -> failtest (string problems.Head)

/// Drawing takes longer than elaborating.
let private config = { Laws.config with maxTest = 30 }

[<Tests>]
let tests =
    testList "figures" [
        test "nothing stands on anything else, and ways end on boxes, for the zoo and each of its variants" {
            for entry in Zoo.Entries.all do
                sound (graphOf entry.Network)

                for variant in VariantRegistry.variants do
                    match VariantRegistry.apply variant entry.Network with
                    | Ok changed ->
                        let graph = graphOf changed
                        isSound graph "as drawn" (fitting graph (Networks.DefaultSize graph) 64.0)
                    | Error _ -> ()
        }

        testPropertyWithConfig config "the same holds with several variants"
        <| fun (Laws.Known network) -> sound (graphOf network)

        testPropertyWithConfig config "the same holds for random networks"
        <| fun (Laws.Legal network) ->
            match elaborated network with
            | Ok graph -> sound graph
            | Error _ -> ()

        test "pictures of the zoo are no wider than a page, but of branches that meet again and again" {
            for entry in Zoo.Entries.all do
                let graph = graphOf entry.Network
                let size = Networks.DefaultSize graph
                let most = if graph.Name = "hrnet-w18" then 2600.0 else 1800.0
                Expect.isLessThan (fitting graph size 64.0).Width most graph.Name
        }

        test "every map-making operation of every network is in a box or on a way" {
            for entry in Zoo.Entries.all do
                let graph = graphOf entry.Network
                let sketch = Arrows.sketch Outline.EveryMap graph

                let drawn = sketch.Items |> Seq.collect _.Nodes |> Seq.map _.Id |> set

                for node in graph.Nodes do
                    match node.Op with
                    | Op.Conv _ when not (drawn.Contains node.Id) ->
                        // On its way up to a join.
                        Expect.contains node.Path Step.Up graph.Name
                    | _ -> ()
        }
    ]
