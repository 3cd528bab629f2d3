/// A graph while it is being made: where in the spec we are, the nodes so far, the mistakes met.
module internal KneeSeg.Dsl.Draft

open System
open System.Collections.Generic
open KneeSeg.Dsl.Spec

/// A feature map on its way: which node made it, and its shape.
/// It is not `Sure` after a mistake that leaves its shape a guess; what follows from a guess is no mistake.
type Map = { Node: int; Shape: Shape; Sure: bool }

/// Where in the spec we are. The trail names the node; the key names its weights, and differs from
/// the trail only inside `Recur` and `Tied`.
type Place = {
    Trail: Step list
    Key: Step list
    /// The key of the part in which `Tied` names hold.
    Part: Step list
    /// How many channels `Like` means here.
    Like: int option
} with

    override at.ToString() = Path.text (List.rev at.Trail)

let root = {
    Trail = []
    Key = []
    Part = []
    Like = None
}

/// The place of a node.
let placeOf (node: Node) = {
    root with
        Trail = List.rev (List.ofArray node.Path)
}

/// One step further in.
let (</>) (at: Place) step = {
    at with
        Trail = step :: at.Trail
        Key = step :: at.Key
}

/// One step further in, to a part in which tied names hold.
let part (at: Place) step =
    let inner = at </> step
    { inner with Part = inner.Key }

/// One step further in, to where all passes have the same weights.
let pass (at: Place) n = {
    at with
        Trail = Step.Pass n :: at.Trail
        Key = Step.Pass 1 :: at.Key
}

/// One step further in, to the weights that this part calls by a name.
let shared (at: Place) step name = {
    at with
        Trail = step :: at.Trail
        Key = Step.Tied(name, 1) :: at.Part
}

/// The nearest number of channels that a map can have.
let countable n = Math.Clamp(n, 1, Limits.channels)

let channels map = map.Shape.Channels

/// "2x2x2".
let sizes (numbers: int[]) = String.Join('x', numbers)

type Draft(network: Network) =
    let nodes = List<Node>()
    let owners = Dictionary<Step list, Node>()
    let problems = List<Problem>()
    let heads = List<Map>()
    let answers = List<struct (Step list * Map)>()
    let mutable inHead = false

    member _.Network = network
    member _.Nodes = nodes
    member _.Problems = List.distinct (List.ofSeq problems)
    member _.Axes = if network.Rank = Planar then 2 else 3

    /// Notes a mistake; the work goes on, so that others are found too.
    member _.Report(at: Place, what, fix) =
        let where = string at

        let where =
            if where = "" then
                network.FullName
            else
                $"{network.FullName}/{where}"

        problems.Add(Problem.at where what fix)

    /// Adds a node. Rows give every node a name of its own; two share weights only where the spec ties them.
    member draft.Emit(at: Place, op: Op, args: Map list, shape: Shape) =
        let path = Array.ofList (List.rev at.Trail)
        let fits = shape.Channels <= Limits.channels

        if not fits then
            draft.Report(at, $"a map of {shape.Channels} channels", $"Stay within {Limits.channels}")

        let node = {
            Id = nodes.Count
            Op = op
            Args = [| for arg in args -> arg.Node |]
            Path = path
            Weights = if Ops.hasWeights op then Path.text path else ""
            Shape = {
                shape with
                    Channels = countable shape.Channels
            }
            InHead = inHead
        }

        let node =
            if node.Weights = "" then
                node
            else
                match owners.TryGetValue at.Key with
                | true, owner ->
                    if owner.Op <> op then
                        draft.Report(
                            at,
                            $"can't have the weights of {owner.Stage}, whose channels or windows differ",
                            "Tie only layers that are the same on maps of the same width"
                        )

                    { node with Weights = owner.Weights }
                | _ ->
                    owners[at.Key] <- node
                    node

        nodes.Add node

        {
            Node = node.Id
            Shape = node.Shape
            Sure = fits && args |> List.forall _.Sure
        }

    /// The answers of heads, roughest first.
    member _.Heads = List.ofSeq heads

    /// Adds a head: nothing but its answer comes of what it makes.
    member _.Head(make: unit -> Map) =
        let outer = inHead
        inHead <- true
        heads.Add(make ())
        inHead <- outer

    /// Remembers what a stage answered.
    member _.Answered(at: Place, map: Map) = answers.Add(struct (at.Trail, map))

    /// What the nearest stage of a name answered last: the one that shares most of its trail with this place.
    member _.Recall(at: Place, name: string) =
        let here = List.rev at.Trail

        let shared (trail: Step list) =
            Seq.zip here (List.rev trail)
            |> Seq.takeWhile (fun (a, b) -> a = b)
            |> Seq.length

        answers
        |> Seq.filter (fun struct (trail, _) -> List.head trail = Step.Stage name)
        |> Seq.fold
            (fun best struct (trail, map) ->
                match best with
                | Some(most, _) when most > shared trail -> best
                | _ -> Some(shared trail, map))
            None
        |> Option.map snd

    /// The names of stages that have answered.
    member _.Stages =
        answers
        |> Seq.map (fun struct (trail, _) -> string trail.Head)
        |> Seq.distinct
        |> List.ofSeq

    /// What is given beside the image: one node, however often it is used.
    member draft.Given signal =
        let name, size =
            match signal with
            | Position -> "position", 3

        match nodes |> Seq.tryFind (fun node -> node.Op = Op.Input name) with
        | Some node -> {
            Node = node.Id
            Shape = node.Shape
            Sure = true
          }
        | None ->
            let vector = {
                Channels = size
                Coarser = Array.create draft.Axes 0
            }

            draft.Emit(root </> Step.Input name, Op.Input name, [], vector)
