/// Which operations of a graph are drawn as one box. Rows of layers get a box for every map they make;
/// residuals, dense blocks and recurrences become one box each, and so does everything inside them.
module internal KneeSeg.Dsl.Pieces

open System
open KneeSeg.Dsl.Parts
open KneeSeg.Dsl.Structure
open KneeSeg.Dsl.Trails

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
    /// Maps put side by side.
    | Joined
    /// Several layers.
    | Block
    | Gate
    /// A sum or a product.
    | Operator
    | Head

/// Nodes that are drawn as one box, all inside `Way`.
type Piece = {
    Kind: Kind
    Way: string
    Place: Place
    /// Pieces with the same stack stand side by side: they look at the same map and are then joined.
    Stack: string
    Nodes: Node[]
}

/// More sides than this are not drawn side by side.
let private most = 6

type private Grouping(graph: Graph, detail) =
    let structure = Structure graph

    let piece kind way place stack = Some(struct (kind, way, place, stack))

    let leaf (node: Node) place =
        let steps = structure.Trail node
        let above = way steps (steps.Length - 1)

        if isVector node then
            piece Vector (above + "/vectors") place ""
        elif node.Id = graph.Output && structure.ChangesInput node then
            piece Map node.Stage place ""
        elif isChange node.Op then
            None
        elif node.Op.IsSpread then
            piece Joined above place ""
        elif node.Op.IsConcat then
            piece Joined node.Stage place ""
        elif isJoin node.Op then
            piece Operator node.Stage place ""
        else
            piece Map node.Stage place ""

    /// A box for all inside a way, but for given vectors.
    let whole (node: Node) way place stack =
        if structure.StandsApart(node, way) then
            piece Vector (way + "/vectors") place ""
        else
            piece Block way place stack

    let everyMap (node: Node) =
        let steps = structure.Trail node
        let place, entered = structure.Spot node

        let rec look j =
            if j = steps.Length - 1 && not (isComposite steps[j]) then
                leaf node place
            elif j >= steps.Length then
                leaf node place
            elif isComposite steps[j] then
                let here = way steps (j + 1)
                let isAtBottom = Array.contains "bottom" (Array.truncate j steps)

                let sides =
                    if isNumbered "concat" steps[j] then
                        structure.Sides here
                    else
                        []

                if j < entered && isAtBottom then
                    whole node here Bottom ""
                elif (place = Outside || j < entered) && structure.HasLadder here then
                    look (j + 1)
                elif sides.IsEmpty || sides.Length > most then
                    whole node here place ""
                elif j = steps.Length - 1 then
                    piece Joined here place ""
                else
                    let side = steps[j + 1].Replace("spread", "side")

                    if List.contains side sides then
                        whole node $"{here}/{side}" place here
                    else
                        piece Joined here place ""
            elif j >= entered && (isLevel steps[j] || steps[j] = "bottom") && place <> Outside then
                whole node (way steps j + "/ladder") place ""
            else
                look (j + 1)

        look 0

    let everyPart (node: Node) =
        let place, entered = structure.Spot node
        let above = way (structure.Trail node) (entered - 1)

        let ofPart (part: Part) =
            if structure.StandsApart(node, above) then
                piece Vector (part.Name + "/vectors") place ""
            elif
                node.Id <> graph.Output
                && part.Nodes |> Array.forall (fun node -> isChange node.Op)
            then
                None
            elif
                (part.Place = Up || part.Place = Down)
                && isLight part
                && node.Id <> graph.Output
            then
                None
            elif
                part.Place = Outside
                && isLight part
                && not (Array.exists (fun node -> isJoin node.Op) part.Nodes)
            then
                leaf node place
            else
                piece Block part.Name place ""

        if place = Join then
            match
                graph.Nodes
                |> Array.tryFind (fun other ->
                    other.Stage.StartsWith(above + "/decode/", StringComparison.Ordinal))
            with
            | Some decode -> piece Block (structure.Part decode).Name Decode ""
            | None -> leaf node place
        else
            ofPart (structure.Part node)

    member _.Of(node: Node) =
        match node.Op with
        | Op.Input "image" -> piece Image node.Stage Outside ""
        | Op.Input _ -> piece Given node.Stage Outside ""
        | _ ->
            match structure.Spot node with
            | Place.Head, entered -> piece Kind.Head (way (structure.Trail node) entered) Place.Head ""
            | Place.Gate, entered -> piece Gate (way (structure.Trail node) entered) Place.Gate ""
            | _ when detail = EveryMap -> everyMap node
            | _ -> everyPart node

/// What remains of a box once vectors stand apart from it.
let private settled (piece: Piece) =
    let makes (node: Node) =
        not (isChange node.Op || isJoin node.Op)

    match piece.Kind with
    | Block when Array.forall isVector piece.Nodes -> { piece with Kind = Vector }
    | Block when not (Array.exists makes piece.Nodes) && piece.Stack = "" ->
        let last = Array.last piece.Nodes

        {
            piece with
                Kind =
                    if last.Op.IsConcat then Joined
                    elif isJoin last.Op then Operator
                    else Block
        }
    | _ -> piece

/// Every piece, in the order in which each is finished. Nodes in none only change a map.
let pieces detail (graph: Graph) =
    let grouping = Grouping(graph, detail)

    graph.Nodes
    |> Array.choose (fun node -> grouping.Of node |> Option.map (fun piece -> piece, node))
    |> Array.groupBy fst
    |> Array.map (fun (struct (kind, way, place, stack), nodes) ->
        settled {
            Kind = kind
            Way = way
            Place = place
            Stack = stack
            Nodes = Array.map snd nodes
        })
    |> Array.sortBy (fun piece -> (Array.last piece.Nodes).Id)
