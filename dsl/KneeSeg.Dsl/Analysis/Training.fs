/// Peak memory of a training step: activations, what is saved for the backward pass, gradients, the loss and the optimizer.
module internal KneeSeg.Dsl.Training

open KneeSeg.Dsl.Memory

/// The feature maps that an operation saves for its backward pass.
let private saved (node: Node) =
    match node.Op with
    | Op.Activation(activation, _) when Activations.savesOutput activation -> [| node.Id |]
    | Op.Attention op when op.HasWindow -> [||]
    | Op.Norm op when op.Kind.IsInstance -> [||]
    | Op.Attention _
    | Op.Max _ -> [| node.Args[0]; node.Id |]
    | Op.Conv _
    | Op.Deconv _
    | Op.Norm _
    | Op.GlobalResponseNorm _
    | Op.Activation _
    | Op.MaxPool _
    | Op.AvgPool _
    | Op.Multiply
    | Op.Dense _ -> node.Args
    | Op.Input _
    | Op.Dropout _
    | Op.Unpool _
    | Op.Pad _
    | Op.UpsampleNearest _
    | Op.UpsampleLinear _
    | Op.TileChannels _
    | Op.PadChannels _
    | Op.ChannelGroup _
    | Op.SpaceToChannels _
    | Op.ChannelsToSpace _
    | Op.Concat
    | Op.Add
    | Op.Mean _
    | Op.MeanOverChannels
    | Op.MaxOverChannels
    | Op.ArgmaxOverChannels
    | Op.AdaptiveAvgPool _
    | Op.PositionEmbedding _
    | Op.Broadcast -> [||]

/// What else an operation saves for its backward pass.
let private savedBeside (load: Load) (node: Node) =
    match node.Op with
    | Op.Norm op when op.Kind.IsInstance -> load.Map node.Args[0]
    // The feature map in float32.
    | Op.Deconv conv when load.IsHalf && conv.Groups > 1 -> load.Full node.Args[0]
    // The rounded kernel.
    | Op.Conv _
    | Op.Deconv _ when load.IsHalf -> load.Width * kernel node.Op
    | Op.Conv _ -> standardized node.Op
    | Op.ArgmaxOverChannels -> 0L
    | Op.Activation(activation, _) when Activations.isComposed activation -> load.Map node.Id
    // In float32: what was cut into windows, of which queries and keys are scaled, and the softmax of the scores.
    | Op.Attention op when op.HasWindow ->
        let values, scores = attention load op node
        4L * ((if load.IsHalf then 3L else 5L) * values + scores)
    | _ -> indices load node

/// The workspaces of an operation in a pass that gradients are computed in.
let private workspaces (load: Load) (node: Node) =
    match node.Op with
    | Op.Attention op when op.HasWindow ->
        let _, scores = attention load op node
        Array.append (beside load node) [| 4L * scores; 4L * scores |]
    // The gradients of queries, keys and values, before they are put together.
    | Op.Attention _ -> [| load.Map node.Args[0] |]
    | _ -> beside load node

/// The segments of a graph's nodes, one after the other, that begin at the first node and at each boundary.
let private segments (graph: Graph) (boundaries: int[]) =
    let ends = Array.append boundaries [| graph.Nodes.Length |]

    Array.append [| 0 |] boundaries
    |> Array.mapi (fun i first -> graph.Nodes[first .. ends[i] - 1])

/// The forward and backward passes: activations, the loss and gradients. Of all segments but the last, the forward pass saved
/// only what later ones use; they are recomputed in the backward pass.
type private Passes(memory: Process, graph: Graph, load: Load, segments: Node[][]) =
    let count = graph.Nodes.Length

    let outputs =
        Array.append [| graph.Output |] (graph.NamedOutputs |> Array.map _.Node)
        |> Array.distinct

    let segmentOf =
        segments
        |> Array.mapi (fun i nodes -> Array.map (fun _ -> i) nodes)
        |> Array.concat

    let lastUse = lastUses graph id outputs graph.Nodes
    // The backward pass frees a feature map after the first node of its segment that saved it.
    let savedFrom = Array.create count System.Int32.MaxValue

    do
        for node in graph.Nodes do
            for kept in saved node do
                if segmentOf[kept] = segmentOf[node.Id] then
                    savedFrom[kept] <- min savedFrom[kept] node.Id

    let isSaved map = savedFrom[map] < System.Int32.MaxValue

    /// Whether a later segment, or the loss, uses a feature map.
    let leaves map =
        lastUse[map] = count || segmentOf[lastUse[map]] > segmentOf[map]

    let hasGradient = Array.create count false

    let takeGradient map =
        if not hasGradient[map] && not graph.Nodes[map].Op.IsInput then
            hasGradient[map] <- true
            memory.Take(load.Map map)

    /// The feature maps of a segment that are not used after one of its nodes.
    let idle (node: Node) =
        node.Args
        |> Array.distinct
        |> Array.filter (fun arg -> segmentOf[arg] = segmentOf[node.Id] && lastUse[arg] = node.Id)

    /// A forward pass that saves what the backward pass needs.
    let savingForward (nodes: Node[]) =
        for node in nodes do
            memory.Take(load.Map node.Id)
            memory.Take(savedBeside load node)
            memory.Borrow(workspaces load node)

            for map in idle node do
                if not (isSaved map) then
                    memory.Give(load.Map map)

    /// The backward pass; what stays is freed at its end.
    let backward stays (nodes: Node[]) =
        for node in Array.rev nodes do
            Array.iter takeGradient node.Args
            memory.Borrow(workspaces load node)

            if hasGradient[node.Id] && not (stays node.Id) then
                memory.Give(load.Map node.Id)

            memory.Give(savedBeside load node)

            for kept in Array.distinct (saved node) do
                if savedFrom[kept] = node.Id && not (stays kept) then
                    memory.Give(load.Map kept)

    /// The loss makes four tensors like the output (logarithms, probabilities, the target and their product) that stay until
    /// the last segment's gradients are there, of float32 logits; its gradient two more at first.
    let ofLoss = [|
        for _ in 1 .. (if load.IsHalf then 5 else 4) do
            for output in outputs -> load.Full output
    |]

    let computeLoss () =
        let maps = outputs |> Array.map load.Full
        Array.iter memory.Take ofLoss
        memory.Borrow(Array.append maps maps)
        Array.iter takeGradient outputs

    member _.Run() =
        let last = segments.Length - 1

        for nodes in segments[.. last - 1] do
            forward memory graph load (fun _ -> true) idle nodes

        savingForward segments[last]
        computeLoss ()
        backward (fun _ -> false) segments[last]
        Array.iter memory.Give ofLoss

        for output in outputs do
            if segmentOf[output] = last then
                memory.Give(load.Map output)

        for nodes in Array.rev segments[.. last - 1] do
            let left = nodes |> Array.map _.Id |> Array.filter leaves

            for map in left do
                memory.Give(load.Map map)

            savingForward nodes
            // Feature maps that later segments use, and their gradients, are held to the end.
            backward leaves nodes

            for map in left do
                memory.Give(load.Map map)

                if hasGradient[map] then
                    memory.Give(load.Map map)

/// Bytes at the peak of a training step by AdamW from the second on: weights, their gradients and two moments; beside
/// them first activations and their gradients, then what the optimizer allocates for every weight: two numbers more.
let peak (graph: Graph) (load: Load) (weights: Node[]) (boundaries: int[]) =
    let holes =
        if boundaries = [||] then
            load.Backend.TrainingHoles
        else
            load.Backend.CheckpointingHoles

    let memory = Process(load.Backend, holes)
    let blocks = blocks weights

    for _ in 1..4 do
        Array.iter memory.Take blocks

    Passes(memory, graph, load, segments graph boundaries).Run()
    memory.Borrow(Array.append blocks blocks)
    memory.Peak
