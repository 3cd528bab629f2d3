/// How high rows and channels are.
module internal KneeSeg.Dsl.Heights

open KneeSeg.Dsl.Boxes
open KneeSeg.Dsl.Layout
open KneeSeg.Dsl.Routes

let private between = 30.0
/// Between two lanes.
let lane = 9.0

/// How far a row reaches above and below its middle.
let private reach (boxes: Box[]) row =
    let inRow = boxes |> Array.filter (fun box -> box.Row = row)

    let most by =
        inRow |> Array.map by |> Array.fold max 0.0

    most (fun box -> box.Height / 2.0 - box.Below + labelHeight box),
    most (fun box -> box.Height / 2.0 + box.Below)

/// The middle of every row, the bottom of every channel, and the end of all, below `top`.
let heights (layout: Layout) (ways: Way[]) top =
    let isUsed row =
        layout.Boxes |> Array.exists (fun box -> box.Row = row)

    let lanes channel =
        ways
        |> Seq.collect _.Runs
        |> Seq.filter (fun run -> run.Channel = channel && run.Length > 0.5)
        |> Seq.fold (fun most run -> max most (run.Lane + 1)) 0

    let channel n =
        let isBetween = [ 0 .. n - 1 ] |> List.exists isUsed && isUsed n

        match lanes n with
        | 0 -> if isBetween then between else 0.0
        | n -> (if isBetween then between else 12.0) + float n * lane

    let next y row =
        let bottom = y + channel row
        let above, below = reach layout.Boxes row
        (bottom + above, bottom), bottom + above + below

    let rows, last = [ 0 .. layout.Rows.Length - 1 ] |> List.mapFold next top
    let middles = rows |> List.map fst |> Array.ofList
    let end' = last + channel layout.Rows.Length
    middles, Array.append (rows |> List.map snd |> Array.ofList) [| end' |], end'
