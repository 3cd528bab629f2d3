/// Which operations of a graph are drawn as one box. Rows of layers get a box for every feature map they make;
/// residuals, dense blocks and recurrences become one box each, and so does everything inside them.
module internal KneeSeg.Diagrams.Outline

open KneeSeg.Dsl
open KneeSeg.Dsl.Parts
open KneeSeg.Diagrams.Captions
open KneeSeg.Diagrams.Nodes

/// How closely a network is looked at.
type Detail =
    | EveryMap
    /// One box for every part.
    | EveryPart

type Kind =
    | Image
    /// A vector given with each image.
    | Given
    /// Layers on vectors.
    | Vector
    | Map
    /// Feature maps put side by side.
    | Joined
    /// Several layers.
    | Block
    | Gate
    /// A sum or a product.
    | Operator
    | Head

/// What makes nodes one box.
type private Key = {
    Kind: Kind
    Path: Step list
    Part: Step list
    Stack: Step list
}

/// Nodes that are drawn as one box, all inside `Path`.
type Item = {
    Kind: Kind
    Path: Step list
    /// The part it belongs to; nothing outside encoder-decoders.
    Part: Step list
    /// Items with the same stack stand one below the other: they look at the same map and are then joined at that path.
    Stack: Step list
    Nodes: Node[]
    Caption: Caption
    /// So many alike, one after another.
    Times: int
    IsOutput: bool
    /// Of a concatenation of a skip and what came up: the channels of each, and whether they are the skip's.
    Shares: (int * bool) list
} with

    /// The place in its level.
    member item.Place = List.tryLast item.Part

    /// The map that the box hands on.
    member item.Last =
        if item.Kind = Vector then
            Array.last item.Nodes
        else
            item.Nodes
            |> Array.tryFindBack (fun node -> not (isVector node))
            |> Option.defaultValue (Array.last item.Nodes)

/// More sides than this are not drawn side by side.
let private most = 6

let private isComposite (step: Step) =
    step.IsSum
    || step.IsProduct
    || step.IsConcat
    || step.IsDenseBlock
    || step.IsRecurrent

/// Parts of few layers: the way up or down is drawn without a box for them.
let private isLight (part: Part) =
    let isLayer (node: Node) =
        not (isChange node.Op || isVector node || isJoin node.Op || isResampling node.Op)

    (part.Nodes |> Array.filter isLayer).Length <= 1

type private Outline(graph: Graph) =
    let parts = parts graph
    let args (node: Node) = [ for arg in node.Args -> graph.Nodes[arg] ]

    let inside path =
        graph.Nodes |> Array.filter (isInside path)

    /// Vectors that a given one has a part in, and those that are joined to such.
    let given =
        let given = Array.create graph.Nodes.Length false
        let vectors = graph.Nodes |> Array.filter isVector

        for node in vectors do
            given[node.Id] <- node.Op.IsInput || args node |> List.exists (fun arg -> given[arg.Id])

        for node in Array.rev vectors do
            for arg in args node do
                if given[node.Id] && isVector arg then
                    given[arg.Id] <- true

        given

    /// Whether given vectors stand apart from a box: unless they look at maps inside it.
    let standApart path =
        let looksInside node =
            args node |> List.exists (fun arg -> isInside path arg && not (isVector arg))

        inside path
        |> Array.forall (fun node -> not (given[node.Id] && looksInside node))

    let rec changesInput (node: Node) =
        node.Op.IsInput || isChange node.Op && changesInput graph.Nodes[node.Args[0]]

    let key kind path part = {
        Kind = kind
        Path = path
        Part = part
        Stack = []
    }

    let leaf part (node: Node) =
        let path = List.ofArray node.Path
        let above = prefix (path.Length - 1) node

        let kind =
            if isVector node then
                Some(Vector, above)
            elif node.Id = graph.Output && changesInput node then
                Some(Map, path)
            elif isChange node.Op then
                None
            elif node.Op.IsSpread then
                Some(Joined, above)
            elif node.Op.IsConcat then
                Some(Joined, path)
            elif isJoin node.Op then
                Some(Operator, path)
            else
                Some(Map, path)

        [
            match kind with
            | Some(kind, path) -> key kind path part, node
            | None -> ()
        ]

    /// A box for all inside a path, but for given vectors.
    let whole path part stack nodes =
        let apart = standApart path

        [
            for node: Node in nodes ->
                (if apart && given[node.Id] then
                     key Vector path part
                 else
                     {
                         key Block path part with
                             Stack = stack
                     }),
                node
        ]

    /// Boxes for nodes that share so many steps.
    let rec within part depth (nodes: Node list) = [
        for step, nodes in nodes |> List.groupBy (fun node -> Array.tryItem depth node.Path) do
            match step with
            | None -> yield! List.collect (leaf part) nodes
            | Some(Step.Level _ | Step.Bottleneck) -> yield! whole (prefix depth nodes.Head) part [] nodes
            | Some step when isComposite step -> yield! composite part (prefix (depth + 1) nodes.Head) nodes
            | Some _ -> yield! within part (depth + 1) nodes
    ]

    and composite part path nodes =
        let inside = inside path
        let next (node: Node) = Array.tryItem path.Length node.Path

        let sides =
            inside
            |> Seq.choose next
            |> Seq.filter (fun side -> side.IsSide && (List.last path).IsConcat)
            |> Seq.distinct
            |> List.ofSeq

        let hasLevels =
            inside
            |> Array.exists (fun node -> node.Path |> Seq.skip path.Length |> Seq.exists _.IsLevel)

        let ofSide (node: Node) =
            match next node with
            | Some(Step.Side n | Step.Spread n) when List.contains (Step.Side n) sides -> Some(Step.Side n)
            | _ -> None

        if part.IsEmpty && hasLevels then
            within part path.Length nodes
        elif sides.IsEmpty || sides.Length > most then
            whole path part [] nodes
        else
            [
                for side, nodes in List.groupBy ofSide nodes do
                    match side with
                    | Some side -> yield! whole (path @ [ side ]) part path nodes
                    | None ->
                        for node in nodes do
                            key Joined path part, node
            ]

    /// A box for every map of a part; blocks at a bottleneck that have levels inside become one box.
    let everyMap (part: Part) =
        let bottom = part.Path |> List.tryFindIndex _.IsBottleneck

        let around =
            part.Path
            |> List.indexed
            |> List.tryFind (fun (i, step) -> isComposite step && Some i > bottom && bottom.IsSome)

        match around with
        | Some(i, _) ->
            whole (List.truncate (i + 1) part.Path) (List.truncate (bottom.Value + 1) part.Path) []
        | None when part.IsOutside -> within [] 0
        | None -> within part.Path part.Path.Length
        <| List.ofArray part.Nodes

    let everyPart (part: Part) =
        let nodes = List.ofArray part.Nodes
        let place = if part.IsOutside then [] else part.Path

        // Vectors that look at maps inside their level have no box there to come from.
        let apart = part.IsOutside || part.Place.IsBottleneck || standApart part.Around

        let vectors, others = nodes |> List.partition (fun node -> apart && given[node.Id])

        let without test =
            others |> List.filter (fun node -> not test || node.Id = graph.Output)

        let isWay = part.Place.IsUp || part.Place.IsDown
        let hasJoin = part.Nodes |> Array.exists (fun node -> isJoin node.Op)

        let decoder =
            parts
            |> Array.tryFind (fun other -> part.Place.IsJoin && other.Path = part.Beside Step.Decode)

        match decoder with
        | Some decoder -> [ for node in nodes -> key Block decoder.Path decoder.Path, node ]
        | None when part.Place.IsJoin -> List.collect (leaf place) nodes
        | None -> [
            for node in vectors do
                key Vector part.Path place, node

            if part.IsOutside && isLight part && not hasJoin then
                yield! List.collect (leaf place) others
            else
                let changes = part.Nodes |> Array.forall (fun node -> isChange node.Op)

                for node in without (changes || isWay && isLight part) do
                    key Block part.Path place, node
          ]

    member _.Keys detail = [
        for node in graph.Nodes do
            if node.Op.IsInput then
                key (if node.Op = Op.Input "image" then Image else Given) (prefix 1 node) [], node

        for part in parts do
            if part.Place.IsHead || part.Place.IsGate then
                for node in part.Nodes do
                    key (if part.Place.IsHead then Head else Gate) part.Path part.Path, node
            else
                yield! (if detail = EveryMap then everyMap else everyPart) part
    ]

/// What remains of a box once vectors stand apart from it.
let private kindOf (key: Key) (nodes: Node[]) =
    let makes (node: Node) =
        not (isChange node.Op || isJoin node.Op)

    match key.Kind with
    | Block when Array.forall isVector nodes -> Vector
    | Block when not (Array.exists makes nodes) && key.Stack.IsEmpty ->
        let last = Array.last nodes

        if last.Op.IsConcat then Joined
        elif isJoin last.Op then Operator
        else Block
    | kind -> kind

/// Every box, in the order in which each is finished. Nodes in none only change a map.
let items detail (graph: Graph) =
    Outline(graph).Keys detail
    |> Seq.sortBy (fun (_, node) -> node.Id)
    |> Seq.groupBy fst
    |> Seq.map (fun (key, found) ->
        let nodes = found |> Seq.map snd |> Array.ofSeq

        {
            Kind = kindOf key nodes
            Path = key.Path
            Part = key.Part
            Stack = key.Stack
            Nodes = nodes
            Caption = caption nodes
            Times = 1
            IsOutput = false
            Shares = []
        })
    |> Seq.sortBy (fun item -> (Array.last item.Nodes).Id)
    |> Array.ofSeq
