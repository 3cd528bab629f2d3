/// Operations by where they stand: what they have in common, and which of them matter in sums and repetitions.
module internal KneeSeg.Dsl.Trails

open KneeSeg.Dsl.Parts

let isVector (node: Node) =
    node.Shape.Coarser |> Array.forall ((=) 0)

/// Operations that only change a map: none of them gets a box.
let isChange (op: Op) =
    match op with
    | Op.BatchNorm _
    | Op.InstanceNorm _
    | Op.GroupNorm _
    | Op.Relu
    | Op.LeakyRelu _
    | Op.PRelu _
    | Op.Elu
    | Op.Selu
    | Op.Sigmoid
    | Op.Tanh
    | Op.Dropout _ -> true
    | _ -> false

/// Operations that only bring maps together.
let isJoin (op: Op) =
    op.IsConcat || op.IsAdd || op.IsMultiply || op.IsSpread

let isPass step = isNumbered "pass" step

let lastStep (way: string) = way.Substring(way.LastIndexOf '/' + 1)

let number (step: string) =
    int (step.Substring(step.LastIndexOf ' ' + 1))

/// A node with the steps of its stage, each with the name of all up to it: "a/b" has ("a", "a"), ("b", "a/b").
type Trail = {
    Node: Node
    Ways: (string * string)[]
}

let trail (node: Node) = {
    Node = node
    Ways =
        (("", ""), node.Stage.Split '/')
        ||> Array.scan (fun (_, way) step -> step, (if way = "" then step else $"{way}/{step}"))
        |> Array.tail
}

/// How many steps the nodes have in common.
let shared (trails: Trail[]) =
    trails
    |> Array.map _.Ways
    |> Array.reduce (fun a b ->
        Array.zip (Array.truncate b.Length a) (Array.truncate a.Length b)
        |> Array.takeWhile (fun (a, b) -> a = b)
        |> Array.map fst)
    |> Array.length

/// The sides of sums and products that a node is in, from a step on: the sum's name and the side's.
let sides from (trail: Trail) =
    trail.Ways
    |> Array.skip (max 0 from)
    |> Array.pairwise
    |> Array.filter (fun ((step, _), _) -> isNumbered "sum" step || isNumbered "product" step)
    |> Array.map (fun ((_, at), (side, _)) -> at, side)

/// Nodes without the shortcuts of sums and products and without repeated passes.
let mainly depth (trails: Trail[]) =
    let weight (trail: Trail) =
        if trail.Node.Op.IsConv || trail.Node.Op.IsDeconv then
            1000
        else
            1

    let heaviest =
        trails
        |> Array.collect (fun trail -> sides (depth - 1) trail |> Array.map (fun side -> side, weight trail))
        |> Array.groupBy fst
        |> Array.map (fun ((at, side), weights) -> at, (side, Array.sumBy snd weights))
        |> Array.groupBy fst
        |> Array.map (fun (at, sides) -> at, sides |> Array.map snd |> Array.maxBy snd |> fst)
        |> dict

    trails
    |> Array.filter (fun trail ->
        sides (depth - 1) trail |> Array.forall (fun (at, side) -> heaviest[at] = side)
        && trail.Ways
           |> Array.skip depth
           |> Array.forall (fun (step, _) -> not (isPass step) || number step = 1))
