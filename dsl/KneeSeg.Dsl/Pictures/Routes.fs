/// The ways from box to box: straight where nothing stands between, else along lanes in the channels above and
/// below the rows, so that no way leads through a box.
module internal KneeSeg.Dsl.Routes

open System.Collections.Generic
open KneeSeg.Dsl.Boxes
open KneeSeg.Dsl.Items
open KneeSeg.Dsl.Layout
open KneeSeg.Dsl.Ports

/// A stretch along a channel; channel `n` is above row `n`.
type Run = {
    Channel: int
    From: float
    To: float
    Lane: int
} with

    member run.Length = abs (run.To - run.From)

type Way = {
    Link: Link
    Start: Port
    Runs: Run list
    End: Port
}

/// A place where a way can pass through rows without touching a box.
let private corridor (layout: Layout) (taken: List<float * int>) rows near far =
    let blocking = blocking layout rows

    let isFree x =
        blocking |> Array.forall (fun (left, right) -> x <= left || x >= right)
        && taken
           |> Seq.forall (fun (other, row) -> abs (x - other) >= 5.0 || not (List.contains row rows))

    let candidates = [
        yield! [ near; far ]

        for k in 0.0 .. 6.0 do
            yield! [ near + 7.0 * k; near - 7.0 * k ]

            for left, right in blocking do
                yield! [ left - 7.0 * k; right + 7.0 * k ]
    ]

    match List.filter isFree candidates with
    | [] -> (blocking |> Array.map snd |> Array.max) + 60.0
    | first :: _ when first = near || first = far -> first
    | free -> free |> List.minBy (fun x -> abs (x - near) + 0.5 * abs (x - far))

let private runs (layout: Layout) taken shape (link: Link) start finish =
    let source, target = layout.Boxes[link.From], layout.Boxes[link.To]

    let run channel from into = {
        Channel = channel
        From = from
        To = into
        Lane = 0
    }

    let first, last =
        if source.Row = target.Row then source.Row, source.Row
        elif source.Row < target.Row then source.Row + 1, target.Row
        else source.Row, target.Row + 1

    match shape with
    | Straight
    | Diagonal -> []
    | _ when first = last -> [ run first start finish ]
    | _ ->
        let rows = between source target
        let x = corridor layout taken rows finish start
        rows |> List.iter (fun row -> taken.Add(x, row))
        [ run first start x; run last x finish ]

/// Gives stretches of a channel that overlap lanes of their own: what rises nearest to the row below, long ones
/// first, then all others, short ones first.
let private inLanes (layout: Layout) (ways: Way[]) =
    let all = [
        for i, way in Array.indexed ways do
            for j, run in List.indexed way.Runs do
                if run.Length > 0.5 then
                    (i, j), run
    ]

    let order ((i, j), run: Run) =
        let rises = layout.Boxes[ways[i].End.Box].Row < layout.Boxes[ways[i].Start.Box].Row
        not rises, (if rises then -run.Length else run.Length), i, j

    let lanes = Dictionary<int * int, int>()

    for _, runs in all |> List.groupBy (fun (_, run) -> run.Channel) do
        let used = List<float * float * int>()

        for key, run in List.sortBy order runs do
            let left, right = min run.From run.To - 4.0, max run.From run.To + 4.0

            let isTaken lane =
                used |> Seq.exists (fun (a, b, n) -> n = lane && left < b && a < right)

            let lane = Seq.initInfinite id |> Seq.find (isTaken >> not)
            used.Add(left, right, lane)
            lanes[key] <- lane

    ways
    |> Array.mapi (fun i way -> {
        way with
            Runs =
                way.Runs
                |> List.mapi (fun j run ->
                    match lanes.TryGetValue((i, j)) with
                    | true, lane -> { run with Lane = lane }
                    | _ -> run)
    })

/// A way for every link.
let ways (layout: Layout) =
    let links = Array.ofList layout.Links
    let shapes = links |> Array.map (shapeOf layout)
    let ports = ports layout links shapes
    let taken = List<float * int>()

    links
    |> Array.mapi (fun i link ->
        let source, target = layout.Boxes[link.From], layout.Boxes[link.To]
        let leaving, arriving = sides layout shapes[i] link

        let start, finish =
            match shapes[i] with
            | Straight -> source.Right, target.X
            | Diagonal -> source.X + 0.72 * source.Width, target.X + 0.28 * target.Width
            | _ -> ports[(i, true)], ports[(i, false)]

        {
            Link = link
            Start = {
                Box = link.From
                Side = leaving
                X = start
            }
            Runs = runs layout taken shapes[i] link start finish
            End = {
                Box = link.To
                Side = arriving
                X = finish
            }
        })
    |> inLanes layout
