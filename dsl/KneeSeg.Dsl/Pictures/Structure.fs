/// What a graph's stages tell: which parts, composites, ladders and given vectors its operations stand in.
module internal KneeSeg.Dsl.Structure

open System
open System.Collections.Generic
open KneeSeg.Dsl.Parts
open KneeSeg.Dsl.Trails

let private composites = [ "sum"; "product"; "concat"; "cascade"; "recur" ]

let isComposite step =
    composites |> List.exists (fun word -> isNumbered word step)

/// The name of so many steps.
let way (steps: string[]) count =
    String.Join('/', Array.truncate count steps)

/// Parts of few layers: the way up or down is drawn without a box for them.
let isLight (part: Part) =
    let layers =
        part.Nodes
        |> Array.filter (fun node ->
            not (
                isChange node.Op
                || isVector node
                || isJoin node.Op
                || node.Op.IsRepeat
                || node.Op.IsInterpolate
            ))

    layers.Length <= 1

type Structure(graph: Graph) =
    let trails = graph.Nodes |> Array.map _.Stage.Split('/')
    let spots = trails |> Array.map spot

    let partOf =
        dict [
            for part in Parts.parts graph do
                for node in part.Nodes -> node.Id, part
        ]

    let inside =
        let found = Dictionary<string, List<int>>()

        for node in graph.Nodes do
            let steps = trails[node.Id]

            for j in 0 .. steps.Length - 1 do
                if isComposite steps[j] then
                    let way = way steps (j + 1)

                    match found.TryGetValue way with
                    | true, nodes -> nodes.Add node.Id
                    | _ -> found[way] <- List [ node.Id ]

        found

    let vectorArgs (node: Node) =
        node.Args |> Array.map (fun arg -> graph.Nodes[arg]) |> Array.filter isVector

    /// Vectors that a given one has a part in, and those that are joined to such.
    let given =
        let isGiven = Array.create graph.Nodes.Length false

        for node in graph.Nodes do
            if isVector node then
                isGiven[node.Id] <-
                    node.Op.IsInput && node.Op <> Op.Input "image"
                    || vectorArgs node |> Array.exists (fun arg -> isGiven[arg.Id])

        for node in Array.rev graph.Nodes do
            if isVector node && isGiven[node.Id] then
                for arg in vectorArgs node do
                    isGiven[arg.Id] <- true

        isGiven

    /// Given vectors stand apart from a box, unless they look at maps inside it.
    let standsApart =
        let answers = Dictionary<string, bool>()

        fun (way: string) ->
            match answers.TryGetValue way with
            | true, answer -> answer
            | _ ->
                let isIn (node: Node) =
                    node.Stage.StartsWith(way + "/", StringComparison.Ordinal)

                let looksInside (node: Node) =
                    node.Args
                    |> Array.map (fun arg -> graph.Nodes[arg])
                    |> Array.exists (fun arg -> isIn arg && not (isVector arg))

                let answer =
                    graph.Nodes
                    |> Array.exists (fun node -> isIn node && given[node.Id] && looksInside node)
                    |> not

                answers[way] <- answer
                answer

    /// Sides of a concatenation that make maps.
    let sides (way: string) =
        inside[way]
        |> Seq.map (fun id -> trails[id])
        |> Seq.choose (fun steps ->
            let depth = way.Split('/').Length

            if steps.Length > depth && isNumbered "side" steps[depth] then
                Some steps[depth]
            else
                None)
        |> Seq.distinct
        |> List.ofSeq

    let hasLadder (way: string) =
        let depth = way.Split('/').Length

        inside[way]
        |> Seq.exists (fun id -> trails[id] |> Array.skip depth |> Array.exists isLevel)

    member _.Trail(node: Node) = trails[node.Id]
    member _.Spot(node: Node) = spots[node.Id]
    member _.Part(node: Node) = partOf[node.Id]
    member _.Sides way = sides way
    member _.HasLadder way = hasLadder way

    /// Whether a given vector stands apart from the box for all inside a way.
    member _.StandsApart(node: Node, way) = given[node.Id] && standsApart way

    /// Whether a node only changes an input.
    member structure.ChangesInput(node: Node) =
        node.Op.IsInput
        || isChange node.Op && structure.ChangesInput graph.Nodes[node.Args[0]]
