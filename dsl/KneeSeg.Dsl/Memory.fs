/// Peak memory from when each map is made and used for the last time.
module internal KneeSeg.Dsl.Memory

/// Where predicting makes no map of its own: the argument's is handed on.
let private handsOn op =
    match op with
    | Op.Dropout _
    | Op.Spread -> true
    | _ -> false

/// Bytes of maps alive at once when predicting.
let predicting (graph: Graph) (bytes: int64[]) =
    let owner = Array.init graph.Nodes.Length id

    for node in graph.Nodes do
        if handsOn node.Op then
            owner[node.Id] <- owner[node.Args[0]]

    let lastUse = Array.init graph.Nodes.Length id

    for node in graph.Nodes do
        for arg in node.Args do
            lastUse[owner[arg]] <- node.Id

    lastUse[owner[graph.Output]] <- graph.Nodes.Length

    let ending =
        Array.init graph.Nodes.Length id
        |> Array.filter (fun i -> owner[i] = i)
        |> Array.groupBy (fun i -> lastUse[i])
        |> dict

    let mutable alive = 0L
    let mutable peak = 0L

    for node in graph.Nodes do
        if owner[node.Id] = node.Id then
            alive <- alive + bytes[node.Id]

        peak <- max peak alive

        match ending.TryGetValue node.Id with
        | true, ended -> alive <- alive - Array.sumBy (fun i -> bytes[i]) ended
        | _ -> ()

    peak

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

/// Bytes of maps and gradients alive at once in a training step.
let training (graph: Graph) (bytes: int64[]) =
    let count = graph.Nodes.Length
    // A map is let go on the way forward after its last use, and on the way back after the first that kept it.
    let lastUse = Array.init count id
    let keptFrom = Array.create count System.Int32.MaxValue

    for node in graph.Nodes do
        for arg in node.Args do
            lastUse[arg] <- node.Id

        for kept in keeps node do
            keptFrom[kept] <- min keptFrom[kept] node.Id

    lastUse[graph.Output] <- count
    let isKept i = keptFrom[i] < System.Int32.MaxValue

    // The places of the maximum are whole numbers of eight bytes, of which a map has four.
    let indices (node: Node) =
        match node.Op with
        | Op.MaxPool _ -> 2L * bytes[node.Id]
        | _ -> 0L

    let mutable alive = 0L
    let mutable peak = 0L

    for node in graph.Nodes do
        alive <- alive + bytes[node.Id] + indices node
        peak <- max peak alive

        for arg in Array.distinct node.Args do
            if lastUse[arg] = node.Id && not (isKept arg) then
                alive <- alive - bytes[arg]

    let hasGradient = Array.create count false
    hasGradient[graph.Output] <- true
    alive <- alive + bytes[graph.Output]

    for node in Array.rev graph.Nodes do
        for arg in Array.distinct node.Args do
            if not hasGradient[arg] && not graph.Nodes[arg].Op.IsInput then
                hasGradient[arg] <- true
                alive <- alive + bytes[arg]

        peak <- max peak alive

        if hasGradient[node.Id] then
            alive <- alive - bytes[node.Id]

        alive <- alive - indices node

        for kept in Array.distinct (keeps node) do
            if keptFrom[kept] = node.Id then
                alive <- alive - bytes[kept]

    peak
