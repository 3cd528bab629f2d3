/// Peak memory of one step as the backend takes it: from when each map is made and used for the last time, what
/// gradients keep, and what operations take on the side. `bench/run memory` holds it against real steps.
module internal KneeSeg.Dsl.Memory

/// What a step is taken on.
type Load = {
    /// Numbers of each node's map, of all images together.
    Numbers: int64[]
    /// Bytes of a number in a map: 4 of float32, 2 of bfloat16.
    Width: int64
} with

    member load.Map id = load.Width * load.Numbers[id]
    /// The same map in float32.
    member load.Full id = 4L * load.Numbers[id]
    member load.IsHalf = load.Width < 4L

let private kernel op =
    match op with
    | Op.Conv conv
    | Op.Deconv conv -> int64 (min (Ops.filters conv) (bigint (1L <<< 44)))
    | _ -> 0L

/// What an operation takes beside its result while it runs.
let private beside (load: Load) (node: Node) =
    // In float32 the kernel in the order that the processor wants; in bfloat16 once rounded and once in that order.
    let weights = 4L * kernel node.Op

    match node.Op with
    // Blocks of a matrix product, before they are laid out in space.
    | Op.Deconv conv when conv.Kernel = conv.Stride -> weights + load.Map node.Id
    | _ -> weights

/// Where predicting makes no map of its own: the argument's is handed on.
let private handsOn op =
    match op with
    | Op.Dropout _
    | Op.Spread -> true
    | _ -> false

/// Bytes alive at once when predicting, the weights not counted.
let predicting (graph: Graph) (load: Load) =
    let nodes = graph.Nodes |> Array.filter (fun node -> not node.InHead)
    let owner = Array.init graph.Nodes.Length id

    for node in nodes do
        if handsOn node.Op then
            owner[node.Id] <- owner[node.Args[0]]

    let lastUse = Array.init graph.Nodes.Length id

    for node in nodes do
        for arg in node.Args do
            lastUse[owner[arg]] <- node.Id

    lastUse[owner[graph.Output]] <- graph.Nodes.Length

    let ending =
        nodes
        |> Array.map _.Id
        |> Array.filter (fun id -> owner[id] = id)
        |> Array.groupBy (fun id -> lastUse[id])
        |> dict

    let mutable alive = 0L
    let mutable peak = 0L

    for node in nodes do
        if owner[node.Id] = node.Id then
            alive <- alive + load.Map node.Id

        peak <- max peak (alive + beside load node)

        match ending.TryGetValue node.Id with
        | true, ended -> alive <- alive - Array.sumBy load.Map ended
        | _ -> ()

    // The logits in float32, and the probabilities.
    let answer = load.Full graph.Output * (if load.IsHalf then 2L else 1L)
    max peak (alive + answer)

/// The maps that an operation keeps for its gradient.
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

/// What an operation keeps for its gradient that is no map.
let private keepsBeside (load: Load) (node: Node) =
    match node.Op with
    // The places of the maximum, as whole numbers of eight bytes.
    | Op.MaxPool _ -> 8L * load.Numbers[node.Id]
    // The rounded kernel.
    | Op.Conv _
    | Op.Deconv _ when load.IsHalf -> load.Width * kernel node.Op
    | _ -> 0L

/// Bytes of maps and gradients alive at once on the way there and back, those of weights not counted.
let private thereAndBack (graph: Graph) (load: Load) =
    let count = graph.Nodes.Length
    let answers = Array.append [| graph.Output |] graph.Heads
    let full = answers |> Array.sumBy load.Full
    // A map is let go on the way forward after its last use, and on the way back after the first that kept it.
    let lastUse = Array.init count id
    let keptFrom = Array.create count System.Int32.MaxValue

    for node in graph.Nodes do
        for arg in node.Args do
            lastUse[arg] <- node.Id

        for kept in keeps node do
            keptFrom[kept] <- min keptFrom[kept] node.Id

    for answer in answers do
        lastUse[answer] <- count

    let isKept i = keptFrom[i] < System.Int32.MaxValue

    let mutable alive = 0L
    let mutable peak = 0L

    for node in graph.Nodes do
        alive <- alive + load.Map node.Id + keepsBeside load node
        peak <- max peak (alive + beside load node)

        for arg in Array.distinct node.Args do
            if lastUse[arg] = node.Id && not (isKept arg) then
                alive <- alive - load.Map arg

    // The loss makes four maps like the answer (logarithms, probabilities, the truth and their product) that stay until
    // the step ends, of float32 logits; its gradient two more at first.
    alive <- alive + (if load.IsHalf then 5L else 4L) * full
    peak <- max peak (alive + 2L * full)

    let hasGradient = Array.create count false

    for answer in answers do
        hasGradient[answer] <- true
        alive <- alive + load.Map answer

    for node in Array.rev graph.Nodes do
        for arg in Array.distinct node.Args do
            if not hasGradient[arg] && not graph.Nodes[arg].Op.IsInput then
                hasGradient[arg] <- true
                alive <- alive + load.Map arg

        peak <- max peak (alive + beside load node)

        if hasGradient[node.Id] then
            alive <- alive - load.Map node.Id

        alive <- alive - keepsBeside load node

        for kept in Array.distinct (keeps node) do
            if keptFrom[kept] = node.Id then
                alive <- alive - load.Map kept

    peak

/// Bytes alive at once in a training step by AdamW from the second step on: weights, their gradients and two moments,
/// and either maps and their gradients, or what the optimiser makes of every weight on its way: two numbers more.
let training (graph: Graph) (load: Load) (parameters: bigint) =
    16I * parameters + max (8I * parameters) (bigint (thereAndBack graph load))
