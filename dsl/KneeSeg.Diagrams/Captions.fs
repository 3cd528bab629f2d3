/// The captions of operations that form one box, or one row of a table: "2 × conv 3", and marks for residuals and the like.
module KneeSeg.Diagrams.Captions

open System
open KneeSeg.Dsl
open KneeSeg.Diagrams.Nodes

/// How a box's operations belong together.
type internal Mark =
    | Residual
    | Gated
    /// Applied so many times more.
    | Recurrent of times: int

type internal Caption = {
    Layers: string list
    /// How far windows are spread out: all that rows of the same may differ in.
    Rates: string list
    Others: string list
    Marks: Mark list
} with

    member caption.Lines = caption.Layers @ caption.Rates @ caption.Others

/// "3", or "1×3×3" where axes differ.
let internal window (numbers: int[]) =
    if Array.distinct numbers |> Array.length = 1 then
        string numbers[0]
    else
        String.Join('×', numbers)

let private kernel (conv: ConvOp) =
    if conv.Groups > 1 && conv.Groups = conv.In then
        $"{window conv.Kernel} depthwise"
    else
        window conv.Kernel

/// "conv 1·3·1", "2 × conv 3".
let private kernels (kernels: string[]) =
    match Array.distinct kernels with
    | [| only |] when kernels.Length = 1 -> $"conv {only}"
    | [| only |] -> $"{kernels.Length} × conv {only}"
    | _ when kernels.Length <= 4 -> "conv " + String.Join('·', kernels)
    | _ -> $"{kernels.Length} conv"

/// What makes feature maps, kind by kind, in the order in which kinds appear.
let private convolutions (nodes: Node[]) =
    nodes
    |> Array.choose (fun node ->
        match node.Op with
        | Op.Conv conv -> Some("conv", kernel conv)
        | Op.Deconv conv -> Some($"deconv {window conv.Kernel}", "")
        | Op.UpsampleNearest by
        | Op.UpsampleLinear(by, _) -> Some($"up {window by}", "")
        | Op.MaxPool pool -> Some($"max pool {window pool.Size}", "")
        | Op.AvgPool pool -> Some($"avg pool {window pool.Size}", "")
        | Op.Attention attention when attention.HasWindow ->
            Some($"window attention {window attention.Window}", "")
        | Op.Attention _ -> Some("attention", "")
        | Op.SpaceToChannels(block, _) -> Some($"blocks of {window block} to channels", "")
        | Op.ChannelsToSpace(block, _) -> Some($"channels to blocks of {window block}", "")
        | _ -> None)
    |> Array.groupBy fst
    |> Array.map (fun (kind, made) ->
        if kind = "conv" then kernels (Array.map snd made)
        elif made.Length = 1 then kind
        else $"{made.Length} × {kind}")
    |> List.ofArray

/// "rate 6", where windows are spread out.
let private rates (nodes: Node[]) =
    nodes
    |> Array.choose (fun node ->
        match node.Op with
        | Op.Conv conv when Array.exists (fun n -> n > 1) conv.Dilation -> Some(window conv.Dilation)
        | _ -> None)
    |> Array.distinct
    |> fun rates ->
        if rates.Length = 0 then
            []
        else
            [ "rate " + String.Join(", ", rates) ]

/// What reduces, and what is made of vectors: "global avg pool", "dense 16·4·1".
let private vectors (nodes: Node[]) =
    let dense =
        nodes
        |> Array.choose (fun node ->
            match node.Op with
            | Op.Dense(_, outputs, _) -> Some outputs
            | _ -> None)

    [
        for node in nodes do
            match node.Op with
            | Op.Mean _ ->
                if isVector node then
                    "global avg pool"
                else
                    "avg over depth"
            | Op.Max _ ->
                if isVector node then
                    "global max pool"
                else
                    "max over depth"
            | Op.AdaptiveAvgPool cells ->
                $"avg pool to {cells}"
                + String.replicate (node.Shape.Stride.Length - 1) $"×{cells}"
            | _ -> ()
        if nodes |> Array.exists _.Op.IsMeanOverChannels then
            "avg over channels"
        if nodes |> Array.exists _.Op.IsMaxOverChannels then
            "max over channels"
        if dense.Length > 0 then
            "dense " + String.Join('·', dense)
    ]

/// "12 layers, +16 each", "3 × conv 3, 8 + 17 + 26": what the layers of dense blocks add.
let private dense (nodes: Node[]) =
    let gains = [|
        for _, made in
            [|
                for node in nodes do
                    for i, step in Array.indexed node.Path do
                        if step.IsDenseLayer then
                            prefix (i + 1) node, node
            |]
            |> Array.groupBy fst do
            (Array.last made |> snd).Shape.Channels
    |]

    match Array.distinct gains with
    | _ when gains.Length < 2 -> None
    | [| gain |] -> Some [ $"{gains.Length} layers"; $"+{gain} each" ]
    | _ when gains.Length <= 4 -> Some(List.truncate 2 (convolutions nodes) @ [ String.Join(" + ", gains) ])
    | _ -> Some [ $"{gains.Length} layers" ]

/// How many steps the nodes have in common.
let private shared (nodes: Node[]) =
    let common a b =
        Seq.zip a b |> Seq.takeWhile (fun (a, b) -> a = b) |> Seq.map fst |> Array.ofSeq

    (nodes |> Array.map _.Path |> Array.reduce common).Length

/// The sums and products that a node stands in, each with its path and that of the node's side.
let private sides depth (node: Node) = [
    for n in max 1 depth .. node.Path.Length - 1 do
        match node.Path[n - 1] with
        | Step.Sum _
        | Step.Product _ as step -> step, prefix n node, prefix (n + 1) node
        | _ -> ()
]

/// Nodes without the shortcuts of sums and products and without repeated passes.
let private main depth (nodes: Node[]) =
    let weight (node: Node) = if isConv node.Op then 1000 else 1

    let heaviest =
        nodes
        |> Array.collect (fun node -> [| for _, sum, side in sides depth node -> sum, (side, weight node) |])
        |> Array.groupBy fst
        |> Array.map (fun (_, found) ->
            found
            |> Array.map snd
            |> Array.groupBy fst
            |> Array.maxBy (snd >> Array.sumBy snd)
            |> fst)
        |> set

    let isRepeated step =
        match step with
        | Step.Pass n -> n > 1
        | _ -> false

    nodes
    |> Array.filter (fun node ->
        sides depth node |> List.forall (fun (_, _, side) -> heaviest.Contains side)
        && not (node.Path |> Array.skip depth |> Array.exists isRepeated))

let private marks depth (nodes: Node[]) =
    let passes = [
        for node in nodes do
            for step in node.Path do
                match step with
                | Step.Pass n -> n
                | _ -> ()
    ]

    let isIn test (node: Node) =
        sides depth node |> List.exists (fun (step, _, _) -> test step)

    [
        // A sum with a vector is no residual.
        if nodes |> Array.exists (fun node -> isConv node.Op && isIn _.IsSum node) then
            Residual
        if nodes |> Array.exists (isIn _.IsProduct) then
            Gated
        match passes with
        | [] -> ()
        | passes ->
            if List.max passes > 1 then
                Recurrent(List.max passes - 1)
    ]

/// What a box for nodes says.
let internal caption (nodes: Node[]) =
    let depth = shared nodes

    let levels =
        nodes
        |> Seq.collect (fun node -> Seq.skip depth node.Path)
        |> Seq.filter _.IsLevel
        |> Seq.distinct
        |> Seq.length

    let layers lines = { Layers = lines; Rates = []; Others = []; Marks = [] }

    if levels > 0 then
        layers [ "encoder-decoder"; (if levels = 1 then "1 level" else $"{levels} levels") ]
    else
        let marks = marks depth nodes
        let main = main depth nodes

        match dense main with
        | Some lines -> { layers lines with Marks = marks }
        | None -> {
            Layers = convolutions main
            Rates = rates main
            Others = [
                yield! vectors main

                for mark in marks do
                    match mark with
                    | Recurrent times -> $"t = {times}"
                    | _ -> ()
            ]
            Marks = marks
          }

/// What nodes do, in a line: "2 × conv 3, residual".
let line (nodes: Node[]) =
    let caption = caption nodes

    let words = [
        yield! caption.Lines
        if List.contains Residual caption.Marks then
            "residual"
        if List.contains Gated caption.Marks then
            "gated"
    ]

    match words with
    | [] ->
        nodes
        |> Array.map (fun node -> Ops.name node.Op)
        |> Array.distinct
        |> String.concat ", "
    | words -> String.Join(", ", words)
