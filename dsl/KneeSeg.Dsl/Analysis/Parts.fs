/// A graph as the parts people speak of: each level's encoder, skip and decoder, what is below, and what is around.
module KneeSeg.Dsl.Parts

open System

/// Nodes that belong together. Parts of an encoder-decoder end in their place in it, such as `level 2/decode`;
/// others are named by their stage, or by where they are.
type Part = {
    Path: Step list
    Nodes: Node[]
} with

    /// "level 2 decode".
    member part.Name = String.Join(' ', part.Path)

    /// The feature map that the part hands on.
    member part.Last = Array.last part.Nodes

    member part.Place = List.last part.Path

    /// Whether it is in no encoder-decoder.
    member part.IsOutside = part.Place.IsStage || part.Place.IsTied || part.Place.IsShared

    /// Whether it is the head of a named output.
    member part.IsHead = part.Place.IsHead || part.Place.IsOutput

    /// The path of what the part has its place in, such as a level.
    member part.Around = List.truncate (part.Path.Length - 1) part.Path

    /// The path of the part that has another place beside this one.
    member part.Beside place = part.Around @ [ place ]

/// The place in an encoder-decoder that a path leads to; nothing outside. An encoder-decoder at the bottleneck of another goes
/// on where that ends; one elsewhere inside a level belongs to its place.
let rec private place path =
    match path with
    | Step.Bottleneck :: rest when not (rest |> List.exists (fun step -> step.IsLevel || step.IsBottleneck)) -> [
        Step.Bottleneck
      ]
    | Step.Level _ as level :: (Step.Answer _ as answer) :: place :: _ -> [ level; answer; place ]
    | Step.Level _ as level :: place :: _ -> [ level; place ]
    | step :: rest ->
        match place rest with
        | [] -> []
        | inner -> step :: inner
    | [] -> []

/// What nodes outside encoder-decoders and named stages belong to, by the encoder-decoders before and after them.
let private around (isInside: bool[]) =
    let runs =
        (0, isInside |> Array.append [| false |] |> Array.pairwise)
        ||> Array.scan (fun run (before, now) -> if before && not now then run + 1 else run)
        |> Array.tail

    let last = if Array.isEmpty isInside then 0 else Array.last runs
    let ends = not (Array.isEmpty isInside) && not (Array.last isInside)

    runs
    |> Array.map (fun run ->
        if not (Array.contains true isInside) then "body"
        elif run = 0 then "start"
        elif ends && run = last then "end"
        elif (if ends then last - 1 else last) = 1 then "between"
        else $"between {run}")

/// The path of the named output whose head a node is in, if only named outputs need it.
let private head (node: Node) =
    node.Path
    |> Array.tryFindIndexBack _.IsOutput
    |> Option.filter (fun _ -> node.InHead)
    |> Option.map (fun last -> List.ofArray node.Path[..last])

/// The parts, in the order in which each is finished. Inputs are in none.
let parts (graph: Graph) =
    let heads, nodes =
        graph.Nodes
        |> Array.filter (fun node -> not node.Op.IsInput)
        |> Array.partition (head >> Option.isSome)

    let places = nodes |> Array.map (fun node -> place (List.ofArray node.Path))
    let around = places |> Array.map (fun place -> not place.IsEmpty) |> around

    // A stage around an encoder-decoder is no part, since it comes before and after.
    let opened =
        places
        |> Array.filter (fun place -> not place.IsEmpty)
        |> Array.map List.head
        |> set

    let path i =
        match places[i], nodes[i].Path[0] with
        | [], (Step.Stage _ | Step.Tied _ | Step.Shared _ as stage) when not (opened.Contains stage) -> [
            stage
          ]
        | [], _ -> [ Step.Stage around[i] ]
        | place, _ -> place

    Array.append
        (nodes |> Array.mapi (fun i node -> path i, node))
        (heads |> Array.map (fun node -> (head node).Value, node))
    |> Array.groupBy fst
    |> Array.map (fun (path, nodes) -> { Path = path; Nodes = Array.map snd nodes })
    |> Array.sortBy _.Last.Id
