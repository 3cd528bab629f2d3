/// Peak memory of one step as the backend takes it: from when each map is made and used for the last time, what
/// gradients keep, and what operations take on the side. `bench/run memory` holds it against real steps.
module internal KneeSeg.Dsl.Memory

/// Blocks of so many bytes and more are mapped and go back to the system at once. Smaller ones come from a heap, which
/// keeps what it once had: faster, but deep levels' memory is of no use for the finest maps.
let mappedFrom = 8L <<< 20

/// Blocks of one kind: alive, and alive at the most.
type private Pool() =
    let mutable alive = 0L
    member val Most = 0L with get, set

    member pool.Add bytes =
        alive <- alive + bytes
        pool.Most <- max pool.Most alive

/// The memory of a process that does the same again and again. In a heap there are holes between blocks of many sizes:
/// so many quarters of what is alive in it, as measured.
type private Process(quarters: int64) =
    let heap, mapped = Pool(), Pool()

    let poolOf bytes =
        if bytes < mappedFrom then heap else mapped

    member _.Take(bytes: int64) = (poolOf bytes).Add bytes
    member _.Give(bytes: int64) = (poolOf bytes).Add -bytes

    /// The heap has grown to its most the first time, wherever in the next the mapped blocks are at theirs.
    member _.Peak = heap.Most + quarters * heap.Most / 4L + mapped.Most

    /// Takes several blocks, all at once, and gives them back.
    member memory.Borrow blocks =
        Array.iter memory.Take blocks
        Array.iter memory.Give blocks

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

/// The places of a pooling's largest voxels, as whole numbers of eight bytes.
let private places (load: Load) (node: Node) =
    match node.Op with
    | Op.MaxPool _ -> 8L * load.Numbers[node.Id]
    | _ -> 0L

/// The blocks that an operation takes beside its result while it runs.
let private beside (load: Load) (node: Node) = [|
    match node.Op with
    | Op.Conv _
    | Op.Deconv _ when load.IsHalf ->
        // The kernel rounded, and so in the order that the processor wants.
        2L * kernel node.Op
        2L * kernel node.Op
    | Op.Conv _
    | Op.Deconv _ -> 4L * kernel node.Op
    | _ -> ()

    match node.Op with
    // Blocks of a matrix product, before they are laid out in space.
    | Op.Deconv conv when conv.Kernel = conv.Stride -> load.Map node.Id
    | _ -> ()
|]

/// Where predicting makes no map of its own: the argument's is handed on.
let private handsOn op =
    match op with
    | Op.Dropout _
    | Op.Spread -> true
    | _ -> false

/// A block of float32 for the weights of each node.
let private blocks (weights: Node[]) =
    weights
    |> Array.map (fun node -> 4L * int64 (min (Ops.parameters node.Op) (bigint (1L <<< 44))))

/// Bytes at the peak of predicting.
let predicting (graph: Graph) (load: Load) (weights: Node[]) =
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

    // Poolings that an unpooling undoes: their places stay to the end.
    let undone =
        nodes
        |> Array.filter _.Op.IsUnpool
        |> Array.map (fun node -> node.Args[1])
        |> Set.ofArray

    let memory = Process 3L
    blocks weights |> Array.iter memory.Take

    for node in nodes do
        if owner[node.Id] = node.Id then
            memory.Take(load.Map node.Id)

        memory.Borrow(beside load node)
        memory.Take(places load node)

        if not (undone.Contains node.Id) then
            memory.Give(places load node)

        for map in node.Args |> Array.map (fun arg -> owner[arg]) |> Array.distinct do
            if lastUse[map] = node.Id then
                memory.Give(load.Map map)

    // The logits in float32, and the probabilities.
    memory.Borrow [|
        load.Full graph.Output
        if load.IsHalf then
            load.Full graph.Output
    |]

    memory.Peak

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
    // The rounded kernel.
    | Op.Conv _
    | Op.Deconv _ when load.IsHalf -> load.Width * kernel node.Op
    | _ -> places load node

/// The way there and back: maps, what the loss makes of the answers, and gradients.
let private thereAndBack (memory: Process) (graph: Graph) (load: Load) =
    let count = graph.Nodes.Length
    let answers = Array.append [| graph.Output |] graph.Heads
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

    for node in graph.Nodes do
        memory.Take(load.Map node.Id)
        memory.Take(keepsBeside load node)
        memory.Borrow(beside load node)

        for arg in Array.distinct node.Args do
            if lastUse[arg] = node.Id && not (isKept arg) then
                memory.Give(load.Map arg)

    // The loss makes four maps like the answer (logarithms, probabilities, the truth and their product) that stay until
    // the step ends, of float32 logits; its gradient two more at first.
    let ofLoss = answers |> Array.map load.Full

    for _ in 1 .. (if load.IsHalf then 5 else 4) do
        Array.iter memory.Take ofLoss

    memory.Borrow(Array.append ofLoss ofLoss)

    let hasGradient = Array.create count false

    for answer in answers do
        hasGradient[answer] <- true
        memory.Take(load.Map answer)

    for node in Array.rev graph.Nodes do
        for arg in Array.distinct node.Args do
            if not hasGradient[arg] && not graph.Nodes[arg].Op.IsInput then
                hasGradient[arg] <- true
                memory.Take(load.Map arg)

        memory.Borrow(beside load node)

        if hasGradient[node.Id] then
            memory.Give(load.Map node.Id)

        memory.Give(keepsBeside load node)

        for kept in Array.distinct (keeps node) do
            if keptFrom[kept] = node.Id then
                memory.Give(load.Map kept)

    for _ in 1 .. (if load.IsHalf then 5 else 4) do
        Array.iter memory.Give ofLoss

/// Bytes at the peak of a training step by AdamW from the second on: weights, their gradients and two moments; beside
/// them first maps and their gradients, then what the optimiser makes of every weight: two numbers more.
let training (graph: Graph) (load: Load) (weights: Node[]) =
    // Gradients go in the order in which maps came, so that few holes are left.
    let memory = Process 1L
    let blocks = blocks weights

    for _ in 1..4 do
        Array.iter memory.Take blocks

    thereAndBack memory graph load
    memory.Borrow(Array.append blocks blocks)
    memory.Peak
