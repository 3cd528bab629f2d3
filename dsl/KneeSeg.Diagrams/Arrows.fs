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
    | Told
    | Signal
    | Indices
    | Crossing
    | Plus
    | Pooled
    | Strided
    | Risen
    | Along

/// In the order in which pictures explain them.
let linkKinds = [
    Along
    Pooled
    Strided
    Risen
    Crossing
    Plus
    Indices
    Signal
    Told
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
let private release (graph: Graph) (items: Item[]) (owner: int[]) =
    let each test =
        let targets = targets graph owner

        for item in items do
            let next =
                item.Nodes
                |> Seq.map (fun node -> targets[node.Id])
                |> Set.unionMany
                |> Seq.map (fun next -> items[next])
                |> List.ofSeq

            let isOutput = item.Nodes |> Array.exists (fun node -> node.Id = graph.Output)

            if not isOutput && test item next then
                for node in item.Nodes do
                    owner[node.Id] <- -1

    each (fun item next ->
        let maps =
            (Array.last item.Nodes).Args
            |> Array.filter (fun arg -> not (isVector graph.Nodes[arg]))

        item.Kind = Operator
        && item.Nodes.Length = 1
        && maps.Length = 1
        && next.Length = 1)

    each (fun item next ->
        match item.Nodes, next with
        | [| resampled |], [ next ] ->
            isResampling resampled.Op
            && next.Kind = Map
            && next.Place = item.Place
            && next.Nodes[0].Op.IsConv
        | _ -> false)

    let alone =
        items
        |> Array.filter (fun item ->
            item.Place = Some Step.Up && item.Kind <> Vector && owner[item.Nodes[0].Id] >= 0)
        |> Array.countBy _.Part
        |> Array.filter (fun (_, n) -> n = 1)
        |> Array.map fst
        |> set

    let isJoin (item: Item) = item.Place = Some Step.Join

    each (fun item next ->
        item.Kind = Map
        && alone.Contains item.Part
        && List.exists isJoin next
        && next |> List.forall (fun next -> isJoin next || next.Kind = Gate))

/// Why a box leads to another, by the argument of a node in it.
let private kindOf (source: Item) (target: Item) (node: Node) argument (by: Op) =
    let a, b = coarseness source.Last, coarseness target.Last

    let meets = Array.last node.Path = Step.Join || target.Kind = Gate

    if target.Kind = Head then
        Training
    elif source.Kind = Given || source.Kind = Vector || target.Kind = Vector then
        Told
    elif node.Op.IsUnpool && argument = 1 then
        Indices
    elif target.Kind = Gate && Array.contains Step.GateDecoder node.Path then
        Signal
    elif meets && a = b && source.Place <> Some Step.Up then
        if node.Op.IsAdd then Plus else Crossing
    elif target.Place = Some Step.Join || target.Kind = Gate then
        Risen
    elif a < b then
        if isPool by || target.Nodes |> Array.exists (fun node -> isPool node.Op) then
            Pooled
        else
            Strided
    elif a > b then
        Risen
    elif node.Op.IsAdd then
        Plus
    elif node.Op.IsConcat && target.Kind = Joined then
        Crossing
    else
        Along

let private linksOf (graph: Graph) (items: Item[]) (owner: int[]) (sources: (int * Op option) list[]) =
    [
        for node in graph.Nodes do
            let into = owner[node.Id]

            // What a vector is spread over only says how far.
            let args =
                if node.Op.IsSpread then
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

/// Folds rows of the same: blocks always, single maps where there are many.
let private folded (items: (int * Item)[]) (links: Link list) =
    let after = links |> List.groupBy _.From |> dict
    let before = links |> List.groupBy _.To |> dict

    let at i (table: IDictionary<int, Link list>) =
        match table.TryGetValue i with
        | true, links -> links
        | _ -> []

    let isAlike (i, a: Item) (j, b: Item) =
        a.Kind = b.Kind
        && a.Part = b.Part
        && (a.Kind = Block || a.Kind = Map)
        && a.Stack.IsEmpty
        && b.Stack.IsEmpty
        && a.Last.Shape = b.Last.Shape
        && { a.Caption with Rates = [] } = { b.Caption with Rates = [] }
        && at i after |> List.map _.To = [ j ]
        && at j before |> List.map _.From = [ i ]

    let runs =
        ([], items)
        ||> Array.fold (fun runs next ->
            match runs with
            | (last :: _ as run) :: others when isAlike last next -> (next :: run) :: others
            | _ -> [ next ] :: runs)
        |> List.rev
        |> List.collect (fun run ->
            let isBlock = (snd run.Head).Kind = Block

            if run.Length > 3 || isBlock && run.Length > 1 then
                [ List.rev run ]
            else
                run |> List.rev |> List.map List.singleton)

    let number =
        dict [
            for n, run in List.indexed runs do
                for i, _ in run -> i, n
        ]

    {
        Items = [|
            for run in runs ->
                let all = List.map snd run

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
                    {
                        link with
                            From = number[link.From]
                            To = number[link.To]
                    }
        ]
    }

/// What to draw of a network.
let sketch detail (graph: Graph) =
    let items = items detail graph
    let owner = Array.create graph.Nodes.Length -1

    for i, item in Array.indexed items do
        for node in item.Nodes do
            owner[node.Id] <- i

    release graph items owner
    let sources = sources graph owner
    let links = linksOf graph items owner sources
    let answers = sources[graph.Output] |> List.map fst

    /// The channels of what a concatenation joins, and whether they came over a skip.
    let shares i (item: Item) = [
        if item.Kind = Joined && item.Place = Some Step.Join then
            for arg in (Array.last item.Nodes).Args do
                graph.Nodes[arg].Shape.Channels,
                links
                |> List.exists (fun link ->
                    link.To = i
                    && link.Kind = Crossing
                    && sources[arg] |> List.exists (fun (from, _) -> from = link.From))
    ]

    let boxes = [|
        for i, item in Array.indexed items do
            if owner[item.Nodes[0].Id] = i then
                i,
                {
                    item with
                        IsOutput = List.contains i answers && item.Kind <> Image && item.Kind <> Given
                        Shares = shares i item
                }
    |]

    folded boxes links
