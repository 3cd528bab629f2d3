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
    /// Of a concatenation of skips and an upsampled map: the channels of each, and whether they are a skip's.
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

/// What makes nodes one box: its kind, path, part and stack.
type private Key = Kind * Step list * Step list * Step list

type private Outline(graph: Graph, detail) =
    let args (node: Node) = [ for arg in node.Args -> graph.Nodes[arg] ]

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

    let hasLevels path =
        let isLevel (step: Step) = step.IsLevel

        graph.Nodes
        |> Array.exists (fun node ->
            isInside path node && node.Path |> Seq.skip path.Length |> Seq.exists isLevel)

    let rec changesInput (node: Node) =
        node.Op.IsInput || isChange node.Op && changesInput graph.Nodes[node.Args[0]]

    let leaf part (node: Node) : (Key * Node) list =
        let path = List.ofArray node.Path
        let key kind path = [ (kind, path, part, []), node ]

        if isVector node then
            key Vector (prefix (path.Length - 1) node)
        elif node.Id = graph.Output && changesInput node then
            key Map path
        elif isChange node.Op then
            []
        elif node.Op.IsBroadcast then
            key Joined (prefix (path.Length - 1) node)
        elif node.Op.IsConcat then
            key Joined path
        elif isJoin node.Op then
            key Operator path
        else
            key Map path

    /// One box for nodes, but for given vectors: those stand apart, unless they look at maps inside the box.
    let whole path part stack (nodes: Node list) : (Key * Node) list =
        let ids = nodes |> List.map _.Id |> set

        let looksInside (node: Node) =
            args node |> List.exists (fun arg -> ids.Contains arg.Id && not (isVector arg))

        let apart =
            nodes |> List.forall (fun node -> not (given[node.Id] && looksInside node))

        [
            for node in nodes ->
                (if apart && given[node.Id] then
                     Vector, path, part, []
                 else
                     Block, path, part, stack),
                node
        ]

    /// Boxes for nodes that share so many steps.
    let rec within part depth (nodes: Node list) : (Key * Node) list = [
        for step, nodes in nodes |> List.groupBy (fun node -> Array.tryItem depth node.Path) do
            let path = prefix (depth + 1) nodes.Head

            match step with
            | None -> yield! List.collect (leaf part) nodes
            | Some(Step.Level _ | Step.Bottleneck) -> yield! whole (prefix depth nodes.Head) part [] nodes
            | Some step when isComposite step && not (part.IsEmpty && hasLevels path) ->
                yield! composite part path nodes
            | Some _ -> yield! within part (depth + 1) nodes
    ]

    /// One box, or one for each side of a concatenation and one for what joins them.
    and composite part path nodes =
        let next (node: Node) = Array.tryItem path.Length node.Path

        let sides =
            nodes
            |> List.choose next
            |> List.filter (fun step -> step.IsSide)
            |> List.distinct

        if not (List.last path).IsConcat || sides.IsEmpty || sides.Length > most then
            whole path part [] nodes
        else
            let side (node: Node) =
                match next node with
                | Some(Step.Side n | Step.Spread n) when List.contains (Step.Side n) sides ->
                    Some(Step.Side n)
                | _ -> None

            [
                for side, nodes in List.groupBy side nodes do
                    match side with
                    | Some side -> yield! whole (path @ [ side ]) part path nodes
                    | None ->
                        for node in nodes do
                            (Joined, path, part, []), node
            ]

    let everyMap (part: Part) =
        let nodes = List.ofArray part.Nodes

        if part.IsOutside then
            within [] 0 nodes
        elif isComposite part.Place then
            let bottom = part.Path |> List.findIndex _.IsBottleneck
            whole part.Path (List.truncate (bottom + 1) part.Path) [] nodes
        else
            within part.Path part.Path.Length nodes

    let everyPart (part: Part) =
        let place = if part.IsOutside then [] else part.Path
        let hasJoin = part.Nodes |> Array.exists (fun node -> isJoin node.Op)
        let isChange = part.Nodes |> Array.forall (fun node -> isChange node.Op)
        let isWay = (part.Place.IsUp || part.Place.IsDown) && isLight part

        let box (key: Key, node: Node) =
            let kind, _, _, _ = key

            if kind = Vector then
                [ key, node ]
            elif (isChange || isWay) && node.Id <> graph.Output then
                []
            elif part.Place.IsJoin || part.IsOutside && isLight part && not hasJoin then
                leaf place node
            else
                [ key, node ]

        List.ofArray part.Nodes |> whole part.Path place [] |> List.collect box

    let boxes (part: Part) =
        match part.Place with
        | Step.Head
        | Step.Output _ -> [ for node in part.Nodes -> (Head, part.Path, part.Path, []), node ]
        | Step.Gate -> [ for node in part.Nodes -> (Gate, part.Path, part.Path, []), node ]
        | _ -> if detail = EveryMap then everyMap part else everyPart part

    /// The path under which a part is drawn: what joins goes with the decoder, levels in a block at a bottleneck with the block.
    let drawnUnder (parts: Part[]) (part: Part) =
        let decoder = part.Beside Step.Decode

        let below =
            part.Path
            |> List.tryFindIndex _.IsBottleneck
            |> Option.defaultValue part.Path.Length

        match part.Path |> List.skip below |> List.tryFindIndex isComposite with
        | Some i when detail = EveryMap -> List.truncate (below + i + 1) part.Path
        | _ when
            detail = EveryPart
            && part.Place.IsJoin
            && Array.exists (fun (part: Part) -> part.Path = decoder) parts
            ->
            decoder
        | _ -> part.Path

    member _.Boxes: (Key * Node) list =
        let parts = parts graph

        [
            for node in graph.Nodes do
                if node.Op.IsInput then
                    ((if node.Op = Op.Input "image" then Image else Given), prefix 1 node, [], []), node

            for path, parts in Array.groupBy (drawnUnder parts) parts do
                let nodes = parts |> Array.collect _.Nodes
                yield! boxes { Part.Path = path; Nodes = nodes }
        ]

/// What remains of a box once vectors stand apart from it.
let private settled kind (stack: Step list) (nodes: Node[]) =
    let last = (Array.last nodes).Op

    let makes (node: Node) =
        not (isChange node.Op || isJoin node.Op)

    if kind <> Block then
        kind
    elif Array.forall isVector nodes then
        Vector
    elif Array.exists makes nodes || not stack.IsEmpty then
        Block
    elif last.IsConcat then
        Joined
    elif isJoin last then
        Operator
    else
        Block

/// Every box, in the order in which each is finished. Nodes in none only change a map.
let items detail (graph: Graph) =
    Outline(graph, detail).Boxes
    |> Seq.sortBy (fun (_, node) -> node.Id)
    |> Seq.groupBy fst
    |> Seq.map (fun ((kind, path, part, stack), found) ->
        let nodes = found |> Seq.map snd |> Array.ofSeq

        {
            Kind = settled kind stack nodes
            Path = path
            Part = part
            Stack = stack
            Nodes = nodes
            Caption = caption nodes
            Times = 1
            IsOutput = false
            Shares = []
        })
    |> Seq.sortBy (fun item -> (Array.last item.Nodes).Id)
    |> Array.ofSeq
