/// How arrows lead from box to box: straight where nothing stands between, else along lanes in the channels above and
/// below the rows, so that none leads through a box.
module internal KneeSeg.Diagrams.Routes

open System.Collections.Generic
open KneeSeg.Diagrams.Boxes
open KneeSeg.Diagrams.Grid
open KneeSeg.Diagrams.Ports

/// A stretch along a channel; channel `n` is above row `n`.
type Run = {
    Channel: int
    From: float
    To: float
    Lane: int
} with

    member run.Length = abs (run.To - run.From)

type Route = { Arrow: Arrow; Runs: Run list }

/// A place where an arrow can pass through rows without touching a box.
let private corridor (grid: Grid) (taken: List<float * int>) rows near far =
    let blocking = blocking grid rows

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

let private route (grid: Grid) taken (arrow: Arrow) =
    let run channel from into = { Channel = channel; From = from; To = into; Lane = 0 }

    let source, target = arrow.From.Row, arrow.To.Row
    let first = if source < target then source + 1 else source
    let last = if source > target then target + 1 else target

    {
        Arrow = arrow
        Runs =
            match arrow.Shape with
            | Straight
            | Diagonal -> []
            | _ when first = last -> [ run first arrow.Start arrow.End ]
            | _ ->
                let rows = between arrow.From arrow.To
                let x = corridor grid taken rows arrow.End arrow.Start
                rows |> List.iter (fun row -> taken.Add(x, row))
                [ run first arrow.Start x; run last x arrow.End ]
    }

/// Gives stretches of a channel that overlap lanes of their own: what rises nearest to the row below, long ones
/// first, then all others, short ones first.
let private inLanes (routes: Route[]) =
    let order ((i, j), run: Run) =
        let rises = routes[i].Arrow.To.Row < routes[i].Arrow.From.Row
        not rises, (if rises then -run.Length else run.Length), i, j

    let lanes = Dictionary<int * int, int>()

    let runs = [
        for i, route in Array.indexed routes do
            for j, run in List.indexed route.Runs do
                if run.Length > 0.5 then
                    (i, j), run
    ]

    for _, runs in runs |> List.groupBy (fun (_, run) -> run.Channel) do
        let used = List<float * float * int>()

        for key, run in List.sortBy order runs do
            let left, right = min run.From run.To - 4.0, max run.From run.To + 4.0

            let isTaken lane =
                used |> Seq.exists (fun (a, b, n) -> n = lane && left < b && a < right)

            let lane = Seq.initInfinite id |> Seq.find (isTaken >> not)
            used.Add(left, right, lane)
            lanes[key] <- lane

    let inLane i j run =
        match lanes.TryGetValue((i, j)) with
        | true, lane -> { run with Lane = lane }
        | _ -> run

    routes
    |> Array.mapi (fun i route -> { route with Runs = List.mapi (inLane i) route.Runs })

/// A route for every link.
let routes (grid: Grid) =
    let taken = List<float * int>()
    arrows grid |> Array.map (route grid taken) |> inLanes

/// Between two lanes.
let lane = 9.0

let private channel = 30.0

/// The middle of every row and the bottom of every channel, below `top`.
let heights (grid: Grid) (routes: Route[]) top =
    let row n =
        grid.Boxes |> Array.filter (fun box -> box.Row = n)

    let lanes n =
        routes
        |> Seq.collect _.Runs
        |> Seq.filter (fun run -> run.Channel = n && run.Length > 0.5)
        |> Seq.fold (fun most run -> max most (run.Lane + 1)) 0

    let height n =
        let isBetween =
            [ 0 .. n - 1 ] |> List.exists (row >> Array.isEmpty >> not)
            && not (Array.isEmpty (row n))

        match lanes n with
        | 0 -> if isBetween then channel else 0.0
        | n -> (if isBetween then channel else 12.0) + float n * lane

    /// How far a row reaches to a side of its middle.
    let reach n by =
        row n |> Array.map by |> Array.fold max 0.0

    let next y n =
        let bottom = y + height n
        let above = reach n (fun box -> box.Height / 2.0 - box.Below + labelHeight box)
        let below = reach n (fun box -> box.Height / 2.0 + box.Below)
        (bottom + above, bottom), bottom + above + below

    let rows, last = [ 0 .. grid.Rows.Length - 1 ] |> List.mapFold next top
    let middles, bottoms = List.unzip rows
    Array.ofList middles, Array.ofList (bottoms @ [ last + height grid.Rows.Length ])
