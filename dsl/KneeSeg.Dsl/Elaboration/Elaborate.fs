/// From a spec to its graph: every channel count and shape worked out, every error reported where it is.
module KneeSeg.Dsl.Elaborate

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.GraphBuilder

let rec private divisor a b = if b = 0 then a else divisor b (a % b)

/// Input sizes that leave whole numbers everywhere, per axis.
let private multiple (builder: GraphBuilder) =
    let along a =
        (1, builder.Nodes)
        ||> Seq.fold (fun all node ->
            match node.Shape.Stride[a] with
            | 0 -> all
            | k -> all / divisor all k * k)

    Array.init builder.Axes along

/// How to come back to the size of the input.
let private toInputSize extra =
    if Array.forall (fun n -> n <= 0) extra then
        let zeros = resizing "zeroPad" (Array.map abs extra)
        $"Pad convolutions, or end with zeros around it: {zeros}"
    elif Array.forall (fun n -> n >= 0) extra then
        let less = resizing "crop" extra
        $"Pad less, or crop it: {less}"
    else
        "Pad it with `zeroPad` where it is smaller, and crop it with `crop` where it is larger"

/// The activation that a map ends with, where it makes probabilities of logits.
let private probability (builder: GraphBuilder) (map: Map) =
    match builder.Nodes[map.Node].Op with
    | Op.Activation((Sigmoid | ChannelSoftmax) as activation, _) -> Some(Activations.jsonName activation)
    | _ -> None

let private checkOutput (builder: GraphBuilder) (output: Map) =
    let report what fix = builder.Report(root, what, fix)

    if output.Sure then
        if channels output <> builder.Classes then
            report
                $"the network outputs {channels output} channels for {builder.Classes} classes"
                "End the network with `classify`"

        match probability builder output with
        | Some word ->
            report
                $"the network ends with `{word}`, but outputs logits"
                $"Remove `{word}`: it belongs to the loss and to prediction"
        | None -> ()

        if output.Shape.Stride |> Array.exists (fun k -> k > 1) then
            report
                $"the network outputs a feature map at stride {sizes output.Shape.Stride}"
                "Upsample to the input's resolution, for example with `upsampleLinear`"

        if output.Shape.Extra |> Array.exists ((<>) 0) then
            report
                $"the network outputs {beyond output.Shape.Extra} than its input"
                (toInputSize output.Shape.Extra)

        // Only depth may end as one voxel: a slice from a few slices.
        let flat =
            if builder.Network.SpatialDims = ThreeD then
                Array.tail output.Shape.Stride
            else
                output.Shape.Stride

        if Array.contains 0 flat then
            report
                "the network outputs a vector"
                "Join the vector to a feature map, for example with `gatedBy`"

/// A named output must fit its target, at any stride.
let private checkNamed (builder: GraphBuilder) (output: Map) (named: Output) =
    let report what fix =
        builder.Report(named.At, $"the output '{named.Name}' {what}", fix)

    let flat map = map.Shape.Stride |> Array.map ((=) 0)
    let n, classes = channels named.Map, builder.Classes

    if output.Sure && named.Map.Sure then
        match named.Target with
        | Labels when n <> classes ->
            report $"has {n} channels for {classes} classes" "End it with `classify`"
        | SignedDistance when n <> 1 && n <> classes ->
            report
                $"has {n} channels; signed distances have one, or one per class"
                "End it with `conv 1 1`, or with `classify`"
        | Presence when Array.contains false (flat named.Map) ->
            report "is a feature map; presence is of the whole patch" "Begin its head with `globalAvgPool`"
        | Presence when n > 2 && n <> classes ->
            report
                $"has {n} channels; presence has one, two for absent and present, or one per class"
                "End it with `dense 1`, `dense 2` or `classify`"
        | Labels
        | SignedDistance when flat named.Map <> flat output ->
            report "reduces other axes than the network" "End it with the same reductions as the network"
        | Labels
        | SignedDistance when named.Map.Shape.Extra |> Array.exists ((<>) 0) ->
            report $"has {beyond named.Map.Shape.Extra} than the labels" (toInputSize named.Map.Shape.Extra)
        | _ -> ()

        match named.Target, probability builder named.Map with
        | (Labels | Presence), Some word ->
            report $"ends with `{word}`, but is compared as logits" $"Remove `{word}`: it belongs to the loss"
        | _ -> ()

/// By node, whether outputs need it.
let private needed (builder: GraphBuilder) (outputs: Map list) =
    let isNeeded = Array.create builder.Nodes.Count false

    for output in outputs do
        isNeeded[output.Node] <- true

    for node in Seq.rev builder.Nodes do
        for arg in node.Args do
            isNeeded[arg] <- isNeeded[arg] || isNeeded[node.Id]

    isNeeded

/// What is never used could never learn: an error, reported where the unused computation ends.
let private checkUse (builder: GraphBuilder) (outputs: Map list) =
    let isUsed = needed builder outputs
    let isRead = builder.Nodes |> Seq.collect _.Args |> set

    for node in builder.Nodes do
        if not isUsed[node.Id] && not (isRead.Contains node.Id) then
            builder.Report(
                placeOf node,
                "this output is never used",
                "Join it with what follows, or remove it"
            )

/// Weights tied in several parts, once in each, would only seem to be shared.
let private checkTies (builder: GraphBuilder) =
    for name, places in builder.VainTies do
        builder.Report(
            List.last places,
            $"`tied \"{name}\"` stands once in each of {places.Length} parts, where it shares nothing",
            $"Write `shared \"{name}\"` for the same weights in all, or remove `tied`"
        )

let private checkCount (builder: GraphBuilder) what n =
    if n <> countable n then
        builder.Report(root, $"the network has {n} {what}", $"Use 1 to {Limits.channels}")

/// Names stand in lists and paths, variants behind them.
let private checkName (builder: GraphBuilder) =
    let network = builder.Network

    let refuseLetters what (name: string) =
        match
            name
            |> Seq.tryFind (fun letter -> "+/#".Contains(letter: char) || System.Char.IsControl letter)
        with
        | Some letter ->
            builder.Report(
                root,
                $"{what} cannot contain '{letter}'",
                "Use letters, digits, spaces and hyphens; '+' begins a variant"
            )
        | None -> ()

    if network.Name.Trim() = "" then
        builder.Report(root, "the network has no name", "Give it one, as in `network3d \"mine\" [ ... ]`")

    if network.Variants |> List.exists (fun label -> label.Trim '=' = "") then
        builder.Report(
            root,
            "a variant has no label",
            "Give it one, as in `variant \"norm=instance\" change`"
        )

    refuseLetters "a name" network.Name
    List.iter (refuseLetters "the label of a variant") network.Variants

/// As `elaborate`, and hands on the builder, which knows what became of each block.
let internal elaborateWith
    (seen: GraphBuilder -> unit)
    (channels: int)
    (classes: int)
    (network: Network)
    : Result<Graph, Diagnostic list> =
    match Limits.check network with
    | Error diagnostic -> Error [ diagnostic ]
    | Ok() ->
        let builder = GraphBuilder(network, classes)
        seen builder
        checkName builder
        checkCount builder "input channels" channels
        checkCount builder "classes" classes

        let input = Shape.plain builder.Axes 1 (countable channels)

        let output =
            builder.Emit(root </> Step.Input "image", Op.Input "image", [], input)
            |> BlockElaboration.row builder root network.Body

        checkOutput builder output
        builder.Outputs |> List.iter (checkNamed builder output)
        checkTies builder

        if builder.Diagnostics.IsEmpty then
            checkUse builder (output :: List.map _.Map builder.Outputs)

        match builder.Diagnostics with
        | [] ->
            let isNeeded = needed builder [ output ]

            let outputs = [|
                for output in builder.Outputs ->
                    {
                        NamedOutput.Name = output.Name
                        Node = output.Map.Node
                        Target = output.Target
                    }
            |]

            Ok {
                Name = network.FullName
                Hash = Hash.ofGraph builder.Axes builder.Nodes output.Node outputs
                Axes = builder.Axes
                Channels = channels
                Classes = classes
                Nodes = [| for node in builder.Nodes -> { node with InHead = not isNeeded[node.Id] } |]
                Output = output.Node
                NamedOutputs = outputs
                Multiple = multiple builder
                Slices = builder.Depth
            }
        | diagnostics -> Error diagnostics

/// A network as a graph for images of so many channels and so many classes, or everything wrong with it.
let elaborate (channels: int) (classes: int) (network: Network) : Result<Graph, Diagnostic list> =
    elaborateWith ignore channels classes network
