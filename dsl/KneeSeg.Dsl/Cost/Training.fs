/// Peak memory of a training step: activations, what is saved for the backward pass, gradients, the loss and the optimizer.
module internal KneeSeg.Dsl.Training

open KneeSeg.Dsl.Memory

/// The feature maps that an operation saves for its backward pass.
let private keeps (node: Node) =
    match node.Op with
    | Op.Relu
    | Op.Sigmoid
    | Op.Tanh -> [| node.Id |]
    | Op.MaxOver _ -> [| node.Args[0]; node.Id |]
    | Op.Conv _
    | Op.Deconv _
    | Op.BatchNorm _
    | Op.InstanceNorm _
    | Op.GroupNorm _
    | Op.LeakyRelu _
    | Op.PRelu _
    | Op.Elu
    | Op.Selu
    | Op.MaxPool _
    | Op.MeanPool _
    | Op.Multiply
    | Op.Dense _ -> node.Args
    | Op.Input _
    | Op.Dropout _
    | Op.Unpool _
    | Op.Repeat _
    | Op.Interpolate _
    | Op.RepeatChannels _
    | Op.Concat
    | Op.Add
    | Op.MeanOver _
    | Op.MeanGrid _
    | Op.Spread -> [||]

/// What else an operation saves for its backward pass.
let private keepsBeside (load: Load) (node: Node) =
    match node.Op with
    // The rounded kernel.
    | Op.Conv _
    | Op.Deconv _ when load.IsHalf -> load.Width * kernel node.Op
    | _ -> places load node

/// The segments of a graph's nodes, one after the other, that begin at the first node and at each boundary.
let private segments (graph: Graph) (boundaries: int[]) =
    let ends = Array.append boundaries [| graph.Nodes.Length |]

    Array.append [| 0 |] boundaries
    |> Array.mapi (fun i first -> graph.Nodes[first .. ends[i] - 1])

/// The way there and back: maps, what the loss makes of the answers, and gradients. Of all segments but the last the way
/// there keeps only what later ones use; they are gone through again when their gradients are due.
type private Way(memory: Process, graph: Graph, load: Load, segments: Node[][]) =
    let count = graph.Nodes.Length
    let answers = Array.append [| graph.Output |] graph.Heads

    let segmentOf =
        segments
        |> Array.mapi (fun i nodes -> Array.map (fun _ -> i) nodes)
        |> Array.concat

    let lastUse = Array.init count id
    // A map is let go on the way back after the first node of its segment that kept it.
    let keptFrom = Array.create count System.Int32.MaxValue

    do
        for node in graph.Nodes do
            for arg in node.Args do
                lastUse[arg] <- node.Id

            for kept in keeps node do
                if segmentOf[kept] = segmentOf[node.Id] then
                    keptFrom[kept] <- min keptFrom[kept] node.Id

        for answer in answers do
            lastUse[answer] <- count

    let isKept map = keptFrom[map] < System.Int32.MaxValue

    /// Whether a later segment, or the loss, uses a map.
    let leaves map =
        lastUse[map] = count || segmentOf[lastUse[map]] > segmentOf[map]

    let undone = undone graph

    let hasGradient = Array.create count false

    let takeGradient map =
        if not hasGradient[map] && not graph.Nodes[map].Op.IsInput then
            hasGradient[map] <- true
            memory.Take(load.Map map)

    /// The maps of a segment that nothing needs after one of its nodes.
    let idle (node: Node) =
        node.Args
        |> Array.distinct
        |> Array.filter (fun arg -> segmentOf[arg] = segmentOf[node.Id] && lastUse[arg] = node.Id)

    /// There, without a thought of gradients.
    let pass (nodes: Node[]) =
        for node in nodes do
            memory.Take(load.Map node.Id)
            memory.Borrow(beside load node)
            memory.Take(places load node)

            if not (undone.Contains node.Id) then
                memory.Give(places load node)

            for map in idle node do
                memory.Give(load.Map map)

    /// There, keeping what gradients need.
    let forth (nodes: Node[]) =
        for node in nodes do
            memory.Take(load.Map node.Id)
            memory.Take(keepsBeside load node)
            memory.Borrow(beside load node)

            for map in idle node do
                if not (isKept map) then
                    memory.Give(load.Map map)

    /// Back; what stays is there until the way's end.
    let back stays (nodes: Node[]) =
        for node in Array.rev nodes do
            Array.iter takeGradient node.Args
            memory.Borrow(beside load node)

            if hasGradient[node.Id] && not (stays node.Id) then
                memory.Give(load.Map node.Id)

            memory.Give(keepsBeside load node)

            for kept in Array.distinct (keeps node) do
                if keptFrom[kept] = node.Id && not (stays kept) then
                    memory.Give(load.Map kept)

    /// The loss makes four maps like the answer (logarithms, probabilities, the truth and their product) that stay until
    /// the last segment's gradients are there, of float32 logits; its gradient two more at first.
    let ofLoss = [|
        for _ in 1 .. (if load.IsHalf then 5 else 4) do
            for answer in answers -> load.Full answer
    |]

    let lose () =
        let maps = answers |> Array.map load.Full
        Array.iter memory.Take ofLoss
        memory.Borrow(Array.append maps maps)
        Array.iter takeGradient answers

    member _.Go() =
        let last = segments.Length - 1
        Array.iter pass segments[.. last - 1]
        forth segments[last]
        lose ()
        back (fun _ -> false) segments[last]
        Array.iter memory.Give ofLoss

        for answer in answers do
            if segmentOf[answer] = last then
                memory.Give(load.Map answer)

        for nodes in Array.rev segments[.. last - 1] do
            let left = nodes |> Array.map _.Id |> Array.filter leaves

            for map in left do
                memory.Give(load.Map map)

            forth nodes
            // Where the way back begins, maps and gradients are held to its end.
            back leaves nodes

            for map in left do
                memory.Give(load.Map map)

                if hasGradient[map] then
                    memory.Give(load.Map map)

/// Bytes at the peak of a training step by AdamW from the second on: weights, their gradients and two moments; beside
/// them first maps and their gradients, then what the optimizer makes of every weight: two numbers more.
let peak (graph: Graph) (load: Load) (weights: Node[]) (boundaries: int[]) =
    // Gradients go in the order in which maps came, so that few holes are left; more where segments are gone through again.
    let memory = Process(if boundaries = [||] then 1L else 2L)
    let blocks = blocks weights

    for _ in 1..4 do
        Array.iter memory.Take blocks

    Way(memory, graph, load, segments graph boundaries).Go()
    memory.Borrow(Array.append blocks blocks)
    memory.Peak
