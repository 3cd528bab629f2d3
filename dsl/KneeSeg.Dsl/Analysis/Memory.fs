/// Memory as a backend takes it, from when each feature map is made and last used, and from the workspaces of operations;
/// and the peak of predicting.
module internal KneeSeg.Dsl.Memory

/// Blocks of one kind: alive, and alive at the most.
type private Pool() =
    let mutable alive = 0L
    member val Most = 0L with get, set

    member pool.Add bytes =
        alive <- alive + bytes
        pool.Most <- max pool.Most alive

/// The memory of a process that does the same again and again, with so many percent of the heap lost in holes.
type Process(backend: BackendMemory, holes: int) =
    let heap, mapped = Pool(), Pool()

    let poolOf bytes =
        if bytes < backend.MappedFrom then heap else mapped

    member _.Take(bytes: int64) = (poolOf bytes).Add bytes
    member _.Give(bytes: int64) = (poolOf bytes).Add -bytes

    /// The heap has grown to its most the first time, wherever in the next the mapped blocks are at theirs.
    member _.Peak = heap.Most + int64 holes * heap.Most / 100L + mapped.Most

    /// Takes several blocks, all at once, and gives them back.
    member memory.Borrow blocks =
        Array.iter memory.Take blocks
        Array.iter memory.Give blocks

/// The feature maps of a step.
type Load = {
    /// The size of an image.
    Input: int[]
    Batch: int
    /// Numbers of each node's feature map, of all images together.
    Numbers: int64[]
    /// Bytes of a number in a feature map: 4 of float32, 2 of bfloat16.
    Width: int64
    Backend: BackendMemory
} with

    member load.Map id = load.Width * load.Numbers[id]
    /// The same feature map in float32.
    member load.Full id = 4L * load.Numbers[id]
    member load.IsHalf = load.Width < 4L

    member load.KernelCopies =
        if load.IsHalf then
            load.Backend.HalfKernelCopies
        else
            load.Backend.KernelCopies

/// More numbers than any machine has room for, few enough to add up.
let private bounded (numbers: bigint) =
    int64 (min numbers (bigint (1L <<< 44)))

let kernel op =
    match op with
    | Op.Conv conv
    | Op.Deconv conv -> bounded (Ops.filters conv)
    | _ -> 0L

/// Bytes of a convolution's kernel in float32, where it is standardized.
let standardized op =
    match op with
    | Op.Conv { Standardized = true } -> 4L * kernel op
    | _ -> 0L

/// The indices of what a maximum came from, as whole numbers of eight bytes.
let indices (load: Load) (node: Node) =
    match node.Op with
    | Op.MaxPool _
    | Op.MaxOverChannels
    | Op.ArgmaxOverChannels -> 8L * load.Numbers[node.Id]
    | _ -> 0L

/// Numbers of the values that attention takes in all windows, and of its scores.
let attention (load: Load) op node =
    let voxels, window = Voxels.attended load.Input op node

    let numbers each =
        bounded (bigint load.Batch * voxels * each)

    numbers (bigint op.Channels), numbers (bigint op.Heads * window)

/// The workspaces of an operation while it runs.
let beside (load: Load) (node: Node) = [|
    match node.Op with
    | Op.Conv _
    | Op.Deconv _ ->
        standardized node.Op

        for _ in 1 .. load.KernelCopies do
            load.Width * kernel node.Op
    | _ -> ()

    match node.Op with
    // The feature map, channel by channel.
    | Op.Norm op when op.Kind.IsInstance -> load.Map node.Id
    // In float32.
    | Op.Deconv conv when load.IsHalf && conv.Groups > 1 ->
        load.Full node.Args[0]
        load.Full node.Id
    // Blocks of a matrix product, before they are laid out in space.
    | Op.Deconv conv when conv.Kernel = conv.Stride -> load.Map node.Id
    | Op.Activation(activation, _) when Activations.isComposed activation -> load.Map node.Id
    // Queries, keys and values cut into windows, without and with their bias.
    | Op.Attention op when op.HasWindow ->
        let values, _ = attention load op node
        6L * load.Width * values
    | _ -> ()
|]

/// Whether predicting returns the argument's feature map, without one of its own.
let private isAlias op =
    match op with
    | Op.Dropout _
    | Op.Broadcast -> true
    | _ -> false

/// A block of float32 for the weights of each node.
let blocks (weights: Node[]) =
    weights |> Array.map (fun node -> 4L * bounded (Ops.parameters node.Op))

/// Max pools that are unpooled: their indices stay to the end.
let private unpooled (graph: Graph) =
    graph.Nodes
    |> Seq.filter _.Op.IsUnpool
    |> Seq.map (fun node -> node.Args[1])
    |> Set.ofSeq

/// The last node that uses each feature map, where some are only other names for their owner's; the number of nodes for
/// outputs.
let lastUses (graph: Graph) (owner: int -> int) outputs (nodes: Node seq) =
    let last = Array.init graph.Nodes.Length id

    for node in nodes do
        for arg in node.Args do
            last[owner arg] <- node.Id

    for output in outputs do
        last[owner output] <- graph.Nodes.Length

    last

/// A forward pass that saves nothing: each node's feature map is there, if it has one of its own, until nothing uses it.
let forward (memory: Process) (graph: Graph) (load: Load) hasMap (unused: Node -> int[]) (nodes: Node seq) =
    let unpooled = unpooled graph

    for node in nodes do
        if hasMap node then
            memory.Take(load.Map node.Id)

        memory.Borrow(beside load node)
        memory.Take(indices load node)

        if not (unpooled.Contains node.Id) then
            memory.Give(indices load node)

        for map in unused node do
            memory.Give(load.Map map)

/// Bytes at the peak of predicting.
let predicting (graph: Graph) (load: Load) (weights: Node[]) =
    let nodes = graph.Nodes |> Array.filter (fun node -> not node.InHead)
    let owner = Array.init graph.Nodes.Length id

    for node in nodes do
        if isAlias node.Op then
            owner[node.Id] <- owner[node.Args[0]]

    let lastUse = lastUses graph (Array.get owner) [ graph.Output ] nodes

    let unused (node: Node) =
        node.Args
        |> Array.map (Array.get owner)
        |> Array.distinct
        |> Array.filter (fun map -> lastUse[map] = node.Id)

    let memory = Process(load.Backend, load.Backend.PredictingHoles)
    blocks weights |> Array.iter memory.Take
    nodes |> forward memory graph load (fun node -> owner[node.Id] = node.Id) unused

    // The logits in float32, and the probabilities.
    memory.Borrow [|
        load.Full graph.Output
        if load.IsHalf then
            load.Full graph.Output
    |]

    memory.Peak
