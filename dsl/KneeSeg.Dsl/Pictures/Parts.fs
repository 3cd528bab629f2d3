/// A graph as the parts people speak of: each level's encoder, what crosses, the bottom, the decoders.
module KneeSeg.Dsl.Parts

open System

/// What a part does in its network.
type Place =
    | Outside
    | Encode
    | Down
    | Bottom
    | Up
    | Crossing
    | Gate
    | Join
    | Decode
    | Head

/// Nodes that belong together.
type Part = {
    Name: string
    Place: Place
    Nodes: Node[]
} with

    /// The map that the part hands on.
    member part.Last = Array.last part.Nodes

let private places =
    dict [
        "encode", Encode
        "down", Down
        "up", Up
        "skip", Crossing
        "gate", Gate
        "join", Join
        "decode", Decode
        "head", Head
    ]

/// Whether a step is one of the language's own of a kind, such as "level 2".
let internal isNumbered word (step: string) =
    step.StartsWith(word + " ", StringComparison.Ordinal) && Steps.isOwn step

let internal isLevel step = isNumbered "level" step

/// The place of a ladder that a stage's steps lead to, and how many of them. A ladder at the bottom of another
/// goes on where that ends; ladders elsewhere inside a level belong to their place.
let internal spot (steps: string[]) =
    let rec scan i =
        if i >= steps.Length then
            Outside, 0
        elif steps[i] = "bottom" then
            if
                steps
                |> Array.skip (i + 1)
                |> Array.exists (fun step -> isLevel step || step = "bottom")
            then
                scan (i + 1)
            else
                Bottom, i + 1
        elif isLevel steps[i] then
            let last = if isNumbered "answer" steps[i + 1] then i + 2 else i + 1
            places[steps[last]], last + 1
        else
            scan (i + 1)

    scan 0

/// What nodes outside ladders and named stages belong to, by the ladders before and after them.
let private between (inLadder: bool[]) =
    let runs =
        (0, inLadder |> Array.append [| false |] |> Array.pairwise)
        ||> Array.scan (fun run (before, now) -> if before && not now then run + 1 else run)
        |> Array.tail

    let last = if Array.isEmpty inLadder then 0 else Array.last runs
    let ends = not (Array.isEmpty inLadder) && not (Array.last inLadder)

    runs
    |> Array.map (fun run ->
        if not (Array.contains true inLadder) then "body"
        elif run = 0 then "start"
        elif ends && run = last then "end"
        elif (if ends then last - 1 else last) = 1 then "between"
        else $"between {run}")

/// The parts, in the order in which each is finished. Inputs are in none.
let parts (graph: Graph) =
    let nodes = graph.Nodes |> Array.filter (fun node -> not node.Op.IsInput)
    let trails = nodes |> Array.map _.Stage.Split('/')
    let spots = trails |> Array.map spot
    let between = spots |> Array.map (fun (place, _) -> place <> Outside) |> between

    // A stage around a ladder is no part, since it comes before and after.
    let around =
        Array.zip trails spots
        |> Array.filter (fun (_, (place, _)) -> place <> Outside)
        |> Array.map (fun (steps, _) -> steps[0])
        |> set

    let isNamed (steps: string[]) =
        steps.Length > 1 && not (Steps.isOwn steps[0] || around.Contains steps[0])

    let name i =
        match trails[i], spots[i] with
        | steps, (Outside, _) when isNamed steps -> steps[0]
        | _, (Outside, _) -> between[i]
        | steps, (_, count) -> String.Join(' ', Array.truncate count steps)

    Array.indexed nodes
    |> Array.groupBy (fun (i, _) -> name i, fst spots[i])
    |> Array.map (fun ((name, place), nodes) -> {
        Name = name
        Place = place
        Nodes = Array.map snd nodes
    })
    |> Array.sortBy _.Last.Id
