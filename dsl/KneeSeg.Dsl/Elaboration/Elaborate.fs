/// From a spec to its graph: every channel count and shape worked out, every mistake named where it is.
module KneeSeg.Dsl.Elaborate

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Draft

let rec private divisor a b = if b = 0 then a else divisor b (a % b)

/// Input sizes that leave whole numbers everywhere, per axis.
let private multiple (draft: Draft) =
    let along a =
        (1, draft.Nodes)
        ||> Seq.fold (fun all node ->
            match node.Shape.Coarser[a] with
            | 0 -> all
            | k -> all / divisor all k * k)

    Array.init draft.Axes along

let private checkEnd (draft: Draft) (answer: Map) =
    let report what fix = draft.Report(root, what, fix)
    let network = draft.Network

    if answer.Sure then
        if channels answer <> countable network.Classes then
            report
                $"ends with {channels answer} channels for {network.Classes} classes"
                "End the network with `classify`"

        if answer.Shape.Coarser |> Array.exists (fun k -> k > 1) then
            report
                $"ends {sizes answer.Shape.Coarser} times coarser than its input"
                "Come up as far as the network went down, for example with `smooth`"

        // Only depth may end as one voxel: a slice from a few slices.
        let flat =
            if network.Rank = Volumetric then
                Array.tail answer.Shape.Coarser
            else
                answer.Shape.Coarser

        if Array.contains 0 flat then
            report "ends with a single voxel" "Join vectors to a map, for example with `masked`"

/// A head is held against the labels, so it must end as the network does, if coarser.
let private checkHead (draft: Draft) (answer: Map) (head: Map) =
    let report what fix =
        draft.Report(placeOf draft.Nodes[head.Node], what, fix)

    let flat map = map.Shape.Coarser |> Array.map ((=) 0)

    if answer.Sure && head.Sure then
        if channels head <> countable draft.Network.Classes then
            report
                $"a head that ends with {channels head} channels for {draft.Network.Classes} classes"
                "End the head with `classify`"

        if flat head <> flat answer then
            report "a head that keeps or drops other axes than the network" "End the head as the network ends"

/// What nothing uses could never learn: it is a mistake, told where the unused work ends.
let private checkUse (draft: Draft) (answers: Map list) =
    let isUsed = Array.create draft.Nodes.Count false
    let isRead = Array.create draft.Nodes.Count false

    for answer in answers do
        isUsed[answer.Node] <- true

    for node in Seq.rev draft.Nodes do
        for arg in node.Args do
            isRead[arg] <- true
            isUsed[arg] <- isUsed[arg] || isUsed[node.Id]

    for node in draft.Nodes do
        if not isUsed[node.Id] && not isRead[node.Id] then
            draft.Report(placeOf node, "nothing uses this", "Join it with what follows, or leave it out")

let private checkCount (draft: Draft) what n =
    if n <> countable n then
        draft.Report(root, $"a {what} count of {n}", $"Use 1 to {Limits.channels}")

/// A network as a graph, or everything wrong with it.
let elaborate (network: Network) : Result<Graph, Problem list> =
    match Limits.check network with
    | Error problem -> Error [ problem ]
    | Ok() ->
        let draft = Draft network
        checkCount draft "channel" network.Channels
        checkCount draft "class" network.Classes

        let input = {
            Channels = countable network.Channels
            Coarser = Array.create draft.Axes 1
        }

        let answer =
            draft.Emit(root </> Step.Input "image", Op.Input "image", [], input)
            |> Assembly.row draft root network.Body

        checkEnd draft answer
        draft.Heads |> List.iter (checkHead draft answer)

        if draft.Problems.IsEmpty then
            checkUse draft (answer :: draft.Heads)

        match draft.Problems with
        | [] ->
            let heads = [| for head in draft.Heads -> head.Node |]

            Ok {
                Name = network.FullName
                Hash = Hash.ofGraph draft.Axes draft.Nodes answer.Node heads
                Axes = draft.Axes
                Channels = network.Channels
                Classes = network.Classes
                Nodes = draft.Nodes.ToArray()
                Output = answer.Node
                Heads = heads
                Multiple = multiple draft
            }
        | problems -> Error problems
