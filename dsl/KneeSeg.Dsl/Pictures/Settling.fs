/// What finds its place in the picture only after, or by, what it belongs to: sides of a fork, what crosses over, vectors.
module internal KneeSeg.Dsl.Settling

open KneeSeg.Dsl.Boxes
open KneeSeg.Dsl.Items

/// Puts sides of a fork one below the other, as wide as the widest.
let stack (boxes: Box[]) members =
    let space = 10.0 + (members |> List.map (fun i -> labelHeight boxes[i]) |> List.max)
    let width = members |> List.map (fun i -> boxes[i].Width) |> List.max
    let height = members |> List.sumBy (fun i -> boxes[i].Height + space)

    let mutable top = -(height - space) / 2.0

    for i in members do
        boxes[i] <- {
            boxes[i] with
                Width = width
                Below = top + boxes[i].Height / 2.0
        }

        top <- top + boxes[i].Height + space

/// Makes what joins the sides of a fork as high as they are together.
let stretch (boxes: Box[]) members i =
    let reach =
        members
        |> List.map (fun j -> abs boxes[j].Below + boxes[j].Height / 2.0)
        |> List.max

    boxes[i] <- { boxes[i] with Height = 2.0 * reach }

/// Moves what crosses over closer to where it is joined.
let settleCrossings (boxes: Box[]) (links: Link list) =
    let shift share (members: int list) =
        let left = members |> List.map (fun i -> boxes[i].X) |> List.min
        let right = members |> List.map (fun i -> boxes[i].Right) |> List.max
        let row = boxes[members.Head].Row

        let next =
            links
            |> List.filter (fun link ->
                List.contains link.From members && not (List.contains link.To members))
            |> List.map (fun link -> boxes[link.To])

        let isAlone =
            members |> List.forall (fun i -> boxes[i].Row = row)
            && not next.IsEmpty
            && next |> List.forall (fun box -> box.Row = row)

        if isAlone then
            let limit = (next |> List.map _.X |> List.min) - gap

            let isFree =
                boxes
                |> Array.indexed
                |> Array.forall (fun (i, box) ->
                    List.contains i members
                    || box.Row <> row
                    || box.Right <= left
                    || box.X >= limit + gap)

            if isFree && limit > right then
                for i in members do
                    boxes[i] <- {
                        boxes[i] with
                            X = boxes[i].X + share * (limit - right)
                    }

    let groups place =
        Array.indexed boxes
        |> Array.filter (fun (_, box) -> box.Item.Piece.Place = place)
        |> Array.groupBy (fun (_, box) -> box.Item.Piece.Way.Split('/')[0..1])
        |> Array.map (snd >> Array.map fst >> List.ofArray)

    groups Parts.Gate |> Array.iter (shift 1.0)
    groups Parts.Crossing |> Array.iter (shift 0.5)

/// Puts vectors below what they are told to, each left of the next.
let placeVectors (boxes: Box[]) (links: Link list) vectors =
    let row = boxes[List.head vectors].Row

    /// From where one can go straight up to a row.
    let free above x =
        (x,
         boxes
         |> Array.filter (fun box -> box.Row > above && box.Row < row)
         |> Array.sortBy _.X)
        ||> Array.fold (fun x box ->
            if x > box.X - 10.0 && x < box.Right + 10.0 then
                box.Right + 14.0
            else
                x)

    for i in List.rev vectors do
        let targets =
            links
            |> List.filter (fun link -> link.From = i)
            |> List.map (fun link -> boxes[link.To])

        let x =
            match targets |> List.partition (fun target -> target.Row = row) with
            | [], [] -> 0.0
            | [], above ->
                above
                |> List.map (fun target -> free target.Row target.Middle - boxes[i].Width / 2.0)
                |> List.max
            | beside, _ -> (beside |> List.map _.X |> List.min) - gap - boxes[i].Width

        boxes[i] <- { boxes[i] with X = x }

    // From left to right, so that none stands on another.
    let sorted = vectors |> List.sortBy (fun i -> boxes[i].X)
    let first = max 0.0 boxes[sorted.Head].X

    (first, sorted)
    ||> List.fold (fun least i ->
        boxes[i] <- {
            boxes[i] with
                X = max least boxes[i].X
        }

        boxes[i].Right + gap)
    |> ignore
