/// A graph under construction: the place in the spec, the nodes so far, the errors found.
module internal KneeSeg.Dsl.GraphBuilder

open System
open System.Collections.Generic
open KneeSeg.Dsl.Spec

/// A feature map: the node that outputs it, and its shape.
/// It is not `Sure` after an error that leaves its shape a guess; what follows from a guess is not reported.
type Map = { Node: int; Shape: Shape; Sure: bool }

/// Where in the spec we are. The trail names the node; the key names its weights, and differs from
/// the trail only inside `Recurrent` and `Tied`.
type Place = {
    Trail: Step list
    Key: Step list
    /// The key of the part in which `Tied` names hold.
    Part: Step list
    /// How many channels `Matching` means here.
    Matching: int option
    /// In a level's `Up`: the output of the max pool that ends its `Down`.
    Pooled: Map option
} with

    override at.ToString() = Path.text (List.rev at.Trail)

let root = { Trail = []; Key = []; Part = []; Matching = None; Pooled = None }

/// The place of a node.
let placeOf (node: Node) = { root with Trail = List.rev (List.ofArray node.Path) }

/// One step further in.
let (</>) (at: Place) step = { at with Trail = step :: at.Trail; Key = step :: at.Key }

/// One step further in, to a part in which tied names hold.
let part (at: Place) step =
    let inner = at </> step

    { inner with Part = inner.Key; Pooled = None }

/// One step further in, to where all passes have the same weights.
let pass (at: Place) n = { at with Trail = Step.Pass n :: at.Trail; Key = Step.Pass 1 :: at.Key }

/// One step further in, to the weights that this part calls by a name.
let tied (at: Place) step name = { at with Trail = step :: at.Trail; Key = Step.Tied(name, 1) :: at.Part }

/// One step further in, to the weights that the network calls by a name: a part in which tied names hold.
let shared (at: Place) step name =
    let key = [ Step.Shared(name, 1) ]
    { at with Trail = step :: at.Trail; Key = key; Part = key; Pooled = None }

/// The nearest number of channels that a feature map can have.
let countable n = Math.Clamp(n, 1, Limits.channels)

let channels (map: Map) = map.Shape.Channels

let sizes = Ops.sizes

/// "2", or "1x2x2" where axes differ.
let uniform (numbers: int[]) =
    match Array.distinct numbers with
    | [| only |] -> string only
    | _ -> sizes numbers

/// What a block of the spec became: its nodes, from the first up to the next block's, and its output.
type Elaborated = { Block: Block; First: int; Next: int; Output: int }

/// "4x4 voxels fewer": how a feature map's size differs from the input's divided by its stride.
let beyond (extra: int[]) =
    if Array.forall (fun n -> n <= 0) extra then
        $"{sizes (Array.map abs extra)} voxels fewer"
    else
        $"{sizes extra} voxels more"

/// A word that pads or crops so many voxels on each axis, half of them before, such as `crop 1 2`.
let resizing word (voxels: int[]) =
    let both n = $"{word} {n / 2} {n - n / 2}"

    match List.ofArray voxels with
    | n :: rest when List.forall ((=) n) rest -> $"`{both n}`"
    | [ 0; n; m ] when n = m -> $"`inPlane ({both n})`"
    | _ -> $"`{word}`"

/// A named output under construction, and where it is in the spec.
type Output = {
    Name: string
    At: Place
    Target: OutputTarget
    Map: Map
} with

    /// The place in the spec, which is the same for each time that its blocks run.
    member output.Origin = output.At.Key |> List.filter (fun step -> not step.IsAnswer)

type GraphBuilder(network: Network, classes: int) =
    let nodes = List<Node>()
    let owners = Dictionary<Step list, Node>()
    let named = List<Output>()
    let stages = List<struct (Step list * Map)>()
    let mutable slices = 0
    let ties = HashSet<struct (string * Step list * Step list)>()
    let shared = Dictionary<string, Block>()

    let elaborated = List<Elaborated>()
    let around = Stack<Block>()
    let reports = List<struct (Block option * Diagnostic)>()

    member _.Network = network
    /// The channels that the network is to output.
    member _.Classes = countable classes
    member _.Nodes = nodes

    /// Errors in the order of the spec; the same error in several places is one.
    member _.Diagnostics = [
        let diagnostics = reports |> Seq.map (fun struct (_, diagnostic) -> diagnostic)

        for _, same in diagnostics |> Seq.distinct |> Seq.groupBy (fun error -> error.What, error.Fix) do
            let first = Seq.head same

            match Seq.length same - 1 with
            | 0 -> first
            | more -> { first with Where = $"{first.Where} and {more} more" }
    ]

    /// Elaborates a block, and remembers what it became.
    member _.Elaborate(block: Block, make: unit -> Map) =
        let first = nodes.Count
        around.Push block
        let map = make ()
        around.Pop() |> ignore
        elaborated.Add { Block = block; First = first; Next = nodes.Count; Output = map.Node }
        map

    /// Every block, in the order in which they were finished.
    member _.Elaborated = elaborated

    /// Every error with the block that it is about; a join in an encoder-decoder is about what was finished last.
    member _.Reports = reports

    member _.Axes = if network.SpatialDims = TwoD then 2 else 3

    /// Reports an error and continues, so that others are found too.
    member _.Report(at: Place, what, fix) =
        let name =
            if network.Name.Trim() = "" then
                "the network"
            else
                network.FullName

        let where =
            match string at with
            | "" -> name
            | inside -> $"{name}/{inside}"

        let about =
            match around.TryPeek() with
            | true, EncoderDecoder _ when elaborated.Count > 0 -> Some elaborated[elaborated.Count - 1].Block
            | true, block -> Some block
            | _ -> None

        reports.Add(struct (about, Diagnostic.at where what fix))

    /// Adds a node. Rows give every node a name of its own; two share weights only where the spec ties them.
    member builder.Emit(at: Place, op: Op, args: Map list, shape: Shape) =
        let path = Array.ofList (List.rev at.Trail)
        let fits = shape.Channels <= Limits.channels

        if not fits then
            builder.Report(
                at,
                $"{shape.Channels} channels exceed the limit of {Limits.channels}",
                "Use fewer channels"
            )

        let node = {
            Id = nodes.Count
            Op = op
            Args = [| for arg in args -> arg.Node |]
            Path = path
            Weights = if Ops.hasWeights op then Path.text path else ""
            Shape = { shape with Channels = countable shape.Channels }
            InHead = false
        }

        let node =
            if node.Weights = "" then
                node
            else
                match owners.TryGetValue at.Key with
                | true, owner ->
                    if owner.Op <> op then
                        builder.Report(
                            at,
                            $"cannot share the weights of {owner.Stage}: channels or kernels differ",
                            "Share only identical layers on feature maps of the same width"
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

    /// The only depth that an input may have; 0 where any will do.
    member _.Depth = slices

    /// Notes the only depth that an input may have.
    member builder.Slices(at: Place, count: int) =
        if count < 1 || count > Limits.axis then
            builder.Report(at, $"cannot average {count} slices", $"Use 1 to {Limits.axis}")
        elif slices <> 0 && slices <> count then
            builder.Report(
                at,
                $"an input of {count} slices, but {slices} before",
                "Average the same number of slices everywhere"
            )
        else
            slices <- count

    /// Notes that tied weights are used.
    member _.Tie(at: Place, step: Step, name: string) =
        ties.Add(struct (name, at.Part, step :: at.Key)) |> ignore

    /// Names of tied weights with their places, where each of several parts uses them once.
    member _.VainTies = [
        for name, uses in ties |> Seq.groupBy (fun struct (name, _, _) -> name) do
            let parts = uses |> Seq.countBy (fun struct (_, part, _) -> part)

            if Seq.length parts > 1 && parts |> Seq.forall (fun (_, times) -> times = 1) then
                name, [ for struct (_, _, key) in uses -> { root with Trail = key } ]
    ]

    /// Notes that weights are shared by a name, and returns whether it stands for the same block everywhere.
    member _.Share(name: string, block: Block) =
        shared.TryAdd(name, block) || shared[name] = block

    /// The named outputs so far.
    member _.Outputs = List.ofSeq named

    /// Adds a named output. Blocks that run several times make it each time, from the second on with a number.
    member builder.Add(output: Output) =
        let again =
            named |> Seq.filter (fun other -> other.Origin = output.Origin) |> Seq.length

        let name =
            if again = 0 then
                output.Name
            else
                $"{output.Name} {again + 1}"

        if named.Exists(fun other -> other.Name = name) then
            builder.Report(output.At, $"two outputs are named '{name}'", "Rename one of them")

        named.Add { output with Name = name }

    /// Remembers a stage's output.
    member _.Remember(at: Place, map: Map) = stages.Add(struct (at.Trail, map))

    /// The last output of the nearest stage with a name: the one that shares most of its trail with this place.
    member _.Recall(at: Place, name: string) =
        let here = List.rev at.Trail

        let shared (trail: Step list) =
            Seq.zip here (List.rev trail)
            |> Seq.takeWhile (fun (a, b) -> a = b)
            |> Seq.length

        let found =
            stages
            |> Seq.rev
            |> Seq.filter (fun struct (trail, _) -> List.head trail = Step.Stage name)
            |> List.ofSeq

        match found with
        | [] -> None
        | _ ->
            let struct (_, map) = found |> List.maxBy (fun struct (trail, _) -> shared trail)
            Some map

    /// The names of stages that have an output.
    member _.Stages =
        stages
        |> Seq.map (fun struct (trail, _) -> string trail.Head)
        |> Seq.distinct
        |> List.ofSeq

    /// An auxiliary input: one node, however often it is used.
    member builder.Input input =
        let name, size =
            match input with
            | Position -> "position", 3

        match nodes |> Seq.tryFind (fun node -> node.Op = Op.Input name) with
        | Some node -> { Node = node.Id; Shape = node.Shape; Sure = true }
        | None -> builder.Emit(root </> Step.Input name, Op.Input name, [], Shape.plain builder.Axes 0 size)
