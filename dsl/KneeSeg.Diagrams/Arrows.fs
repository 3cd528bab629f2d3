/// What leads from one box to another, and which operations are drawn as part of such an arrow instead of as a box.
module internal KneeSeg.Diagrams.Arrows

open System.Collections.Generic
open KneeSeg.Dsl
open KneeSeg.Diagrams.Captions
open KneeSeg.Diagrams.Nodes
open KneeSeg.Diagrams.Outline

/// Why one box leads to another; of several reasons the first in this order is drawn.
type LinkKind =
    | Training
    | Conditioning
    | Gating
    | Indices
    | Concatenated
    | Added
    | Pooled
    | Strided
    | Upsampled
    | Along

/// In the order in which pictures explain them.
let linkKinds = [
    Along
    Pooled
    Strided
    Upsampled
    Concatenated
    Added
    Indices
    Gating
    Conditioning
    Training
]

type Link = {
    From: int
    To: int
    Kind: LinkKind
    /// The operation that this link leads to or through.
    By: Op
}

/// The boxes of a picture and what leads from one to another, before anything has a place.
type Sketch = { Items: Item[]; Links: Link list }

/// The number of every node's box; -1 where it has none.
let private owners (graph: Graph) (items: Item[]) =
    let owner = Array.create graph.Nodes.Length -1

    for i, item in Array.indexed items do
        for node in item.Nodes do
            owner[node.Id] <- i

    owner

/// For every node, the boxes that it leads to, through nodes that have none. A node without a box has owner -1.
let private targets (graph: Graph) (owner: int[]) =
    let targets = Array.create graph.Nodes.Length Set.empty<int>

    for node in Array.rev graph.Nodes do
        for arg in node.Args do
            if owner[node.Id] = -1 then
                targets[arg] <- Set.union targets[arg] targets[node.Id]
            elif owner[node.Id] <> owner[arg] then
                targets[arg] <- Set.add owner[node.Id] targets[arg]

    targets

/// For every node, the boxes that it comes from, and the pool, sum or product that lies between.
let private sources (graph: Graph) (owner: int[]) =
    let sources = Array.create<(int * Op option) list> graph.Nodes.Length []

    for node in graph.Nodes do
        let through op =
            if isPool node.Op || node.Op.IsAdd || node.Op.IsMultiply then
                Some node.Op
            else
                op

        sources[node.Id] <-
            if owner[node.Id] >= 0 then
                [ owner[node.Id], None ]
            else
                [
                    for arg in node.Args do
                        for box, op in sources[arg] -> box, through op
                ]
                |> List.distinct

    sources

/// Takes their boxes from resampling before a convolution, from what comes up only to be joined, and from sums with a vector.
let private release (graph: Graph) (items: Item[]) =
    let without test (items: Item[]) =
        let owner = owners graph items
        let targets = targets graph owner

        let next (item: Item) = [
            for next in item.Nodes |> Seq.map (fun node -> targets[node.Id]) |> Set.unionMany -> items[next]
        ]

        let isOutput (item: Item) =
            item.Nodes |> Array.exists (fun node -> node.Id = graph.Output)

        items |> Array.filter (fun item -> isOutput item || not (test item (next item)))

    let sumsWithVectors (item: Item) (next: Item list) =
        let isMap arg = not (isVector graph.Nodes[arg])

        item.Kind = Operator
        && item.Nodes.Length = 1
        && next.Length = 1
        && (item.Last.Args |> Array.filter isMap).Length = 1

    let resampledBeforeConv (item: Item) (next: Item list) =
        match item.Nodes, next with
        | [| resampled |], [ next ] ->
            isResampling resampled.Op
            && next.Kind = Map
            && next.Place = item.Place
            && next.Nodes[0].Op.IsConv
        | _ -> false

    let items = items |> without sumsWithVectors |> without resampledBeforeConv
    let isJoin (item: Item) = item.Place = Some Step.Join

    let onlyJoined (item: Item) next =
        let isBeside (other: Item) =
            other.Part = item.Part && other.Kind <> Vector

        item.Kind = Map
        && item.Place = Some Step.Up
        && (items |> Array.filter isBeside).Length = 1
        && List.exists isJoin next
        && next |> List.forall (fun next -> isJoin next || next.Kind = Gate)

    items |> without onlyJoined

/// Why a box leads to another, by the argument of a node in it.
let private kindOf (source: Item) (target: Item) (node: Node) argument (by: Op) =
    let a, b = coarseness source.Last, coarseness target.Last

    let meets = Array.last node.Path = Step.Join || target.Kind = Gate

    if target.Kind = Head then
        Training
    elif source.Kind = Given || source.Kind = Vector || target.Kind = Vector then
        Conditioning
    elif node.Op.IsUnpool && argument = 1 then
        Indices
    elif target.Kind = Gate && Array.contains Step.GateDecoder node.Path then
        Gating
    elif meets && a = b && source.Place <> Some Step.Up then
        if node.Op.IsAdd then Added else Concatenated
    elif target.Place = Some Step.Join || target.Kind = Gate then
        Upsampled
    elif a < b then
        if isPool by || target.Nodes |> Array.exists (fun node -> isPool node.Op) then
            Pooled
        else
            Strided
    elif a > b then
        Upsampled
    elif node.Op.IsAdd then
        Added
    elif node.Op.IsConcat && target.Kind = Joined then
        Concatenated
    else
        Along

let private linksOf (graph: Graph) (items: Item[]) (owner: int[]) (sources: (int * Op option) list[]) =
    [
        for node in graph.Nodes do
            let into = owner[node.Id]

            // What a vector is spread over only says how far.
            let args =
                if node.Op.IsBroadcast then
                    Array.truncate 1 node.Args
                else
                    node.Args

            for n, arg in Array.indexed args do
                // Where maxima were is known to the map that was pooled.
                let seen =
                    if node.Op.IsUnpool && n = 1 then
                        graph.Nodes[arg].Args[0]
                    else
                        arg

                for from, through in sources[seen] do
                    if into >= 0 && from <> into then
                        let by = defaultArg through node.Op

                        {
                            From = from
                            To = into
                            Kind = kindOf items[from] items[into] node n by
                            By = by
                        }
    ]
    |> List.groupBy (fun link -> link.From, link.To)
    |> List.map (fun (_, links) ->
        // A residual's own shortcut is not drawn.
        links
        |> List.tryFind (fun link -> link.Kind = Along)
        |> Option.defaultWith (fun () -> List.minBy _.Kind links))

/// Folds rows of the same into one box: blocks always, single maps where there are many.
let private folded (items: Item[]) (links: Link list) =
    let isAlike i =
        let a, b = items[i], items[i + 1]

        a.Kind = b.Kind
        && a.Part = b.Part
        && (a.Kind = Block || a.Kind = Map)
        && a.Stack.IsEmpty
        && b.Stack.IsEmpty
        && a.Last.Shape = b.Last.Shape
        && { a.Caption with Rates = [] } = { b.Caption with Rates = [] }
        && links |> List.forall (fun link -> (link.From = i) = (link.To = i + 1))
        && links |> List.exists (fun link -> link.From = i)

    let first = Array.init items.Length id

    for i in 1 .. items.Length - 1 do
        if isAlike (i - 1) then
            first[i] <- first[i - 1]

    let length = Array.countBy id first |> dict

    let runOf i =
        if length[first[i]] > (if items[i].Kind = Block then 1 else 3) then
            first[i]
        else
            i

    let runs = List.init items.Length id |> List.groupBy runOf

    let number =
        dict [
            for n, (_, run) in List.indexed runs do
                for i in run -> i, n
        ]

    {
        Items = [|
            for _, run in runs ->
                let all = run |> List.map (fun i -> items[i])

                {
                    List.last all with
                        Times = all.Length
                        Nodes = all |> Seq.collect _.Nodes |> Array.ofSeq
                        IsOutput = all |> List.exists _.IsOutput
                }
        |]
        Links = [
            for link in links do
                if number[link.From] <> number[link.To] then
                    { link with From = number[link.From]; To = number[link.To] }
        ]
    }

/// What to draw of a network.
let sketch detail (graph: Graph) =
    let items = items detail graph |> release graph
    let owner = owners graph items
    let sources = sources graph owner
    let links = linksOf graph items owner sources
    let outputs = sources[graph.Output] |> List.map fst

    /// The channels of what a concatenation joins, and whether they came over a skip.
    let shares i (item: Item) = [
        if item.Kind = Joined && item.Place = Some Step.Join then
            for arg in (Array.last item.Nodes).Args do
                let isSkip link =
                    link.To = i
                    && link.Kind = Concatenated
                    && List.exists (fun (from, _) -> from = link.From) sources[arg]

                graph.Nodes[arg].Shape.Channels, List.exists isSkip links
    ]

    let items =
        items
        |> Array.mapi (fun i item -> {
            item with
                IsOutput = List.contains i outputs && item.Kind <> Image && item.Kind <> Given
                Shares = shares i item
        })

    folded items links
