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
    | Join
    | Decode

/// Nodes that belong together. `Level` counts from 1, outermost first; the bottom is one below the last.
/// Outside ladders it is 0.
type Part = {
    Name: string
    Place: Place
    Level: int
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
        "gate", Crossing
        "join", Join
        "decode", Decode
        "head", Decode
    ]

let private numbered (word: string) (step: string) =
    step.StartsWith(word + " ", StringComparison.Ordinal)
    && Int32.TryParse(step.AsSpan(word.Length + 1)) |> fst

let private inLadder (stage: string) =
    let first = stage.Split('/')[0]
    first = "bottom" || numbered "level" first || numbered "ladder" first

/// Name, place and level of the part that a stage belongs to.
let private whereIs beforeLadders (stage: string) =
    let rec inside name steps =
        match steps with
        | ladder :: rest when numbered "ladder" ladder -> inside (ladder :: name) rest
        | "bottom" :: _ -> "bottom" :: name, Bottom, Int32.MaxValue
        | level :: answer :: place :: _ when numbered "level" level && numbered "answer" answer ->
            place :: answer :: level :: name, places[place], int (level.Substring 6)
        | level :: place :: _ when numbered "level" level ->
            place :: level :: name, places[place], int (level.Substring 6)
        | first :: _ :: _ when not (Steps.isOwn first) -> [ first ], Outside, 0
        | _ -> [ (if beforeLadders then "start" else "end") ], Outside, 0

    let name, place, level = inside [] (List.ofArray (stage.Split '/'))
    String.Join(' ', List.rev name), place, level

/// The parts, in the order in which each is finished. Inputs are in none.
let parts (graph: Graph) =
    let firstInLadder =
        graph.Nodes
        |> Array.tryFindIndex (fun node -> inLadder node.Stage)
        |> Option.defaultValue 0

    let deepest =
        graph.Nodes
        |> Array.map (fun node -> whereIs false node.Stage)
        |> Array.fold (fun most (_, place, level) -> if place = Bottom then most else max most level) 0

    graph.Nodes
    |> Array.filter (fun node -> not node.Op.IsInput)
    |> Array.groupBy (fun node -> whereIs (node.Id < firstInLadder) node.Stage)
    |> Array.map (fun ((name, place, level), nodes) -> {
        Name = name
        Place = place
        Level = if place = Bottom then deepest + 1 else level
        Nodes = nodes
    })
    |> Array.sortBy _.Last.Id
