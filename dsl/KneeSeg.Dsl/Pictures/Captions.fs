/// What stands in a box that is drawn for several operations: "2 × conv 3", and marks for residuals and the like.
module KneeSeg.Dsl.Captions

open System
open KneeSeg.Dsl.Parts
open KneeSeg.Dsl.Trails

/// How a box's operations belong together.
type internal Mark =
    | Residual
    | Masked
    /// Applied so many times more.
    | Recurrent of times: int

type internal Caption = { Lines: string list; Marks: Mark list }

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

/// What makes maps, kind by kind, in the order in which kinds appear.
let private convolutions (nodes: Node[]) =
    nodes
    |> Array.choose (fun node ->
        match node.Op with
        | Op.Conv conv -> Some("conv", kernel conv)
        | Op.Deconv conv -> Some($"deconv {window conv.Kernel}", "")
        | Op.Repeat by
        | Op.Interpolate(by, _) -> Some($"up {window by}", "")
        | Op.MaxPool pool -> Some($"max pool {window pool.Size}", "")
        | Op.MeanPool pool -> Some($"mean pool {window pool.Size}", "")
        | _ -> None)
    |> Array.groupBy fst
    |> Array.map (fun (kind, made) ->
        if kind = "conv" then kernels (Array.map snd made)
        elif made.Length = 1 then kind
        else $"{made.Length} × {kind}")
    |> List.ofArray

/// "rate 6", where windows are spread out.
let private rate (nodes: Node[]) =
    let rates =
        nodes
        |> Array.choose (fun node ->
            match node.Op with
            | Op.Conv conv when Array.exists (fun n -> n > 1) conv.Dilation -> Some(window conv.Dilation)
            | _ -> None)
        |> Array.distinct

    [
        if rates.Length > 0 then
            "rate " + String.Join(", ", rates)
    ]

/// What is made of vectors: "mean", "dense 16·4·1".
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
            | Op.MeanOver _ -> if isVector node then "mean of all" else "mean over depth"
            | Op.MaxOver _ ->
                if isVector node then
                    "largest of all"
                else
                    "largest over depth"
            | Op.MeanGrid cells ->
                $"means of {cells}"
                + String.replicate (node.Shape.Coarser.Length - 1) $"×{cells}"
            | _ -> ()
        if dense.Length > 0 then
            "dense " + String.Join('·', dense)
    ]

/// "12 layers, +16 each", "3 × conv 3, 8 + 17 + 26": what steps that are all kept add.
let private steps (trails: Trail[]) =
    let gains =
        trails
        |> Array.collect (fun trail ->
            Array.pairwise trail.Ways
            |> Array.filter (fun ((cascade, _), (step, _)) ->
                isNumbered "cascade" cascade && isNumbered "step" step)
            |> Array.map (fun (_, (_, at)) -> at, trail.Node))
        |> Array.groupBy fst
        |> Array.map (fun (_, made) -> made |> Array.map snd |> Array.last |> _.Shape.Channels)

    match Array.distinct gains with
    | _ when gains.Length < 2 -> None
    | [| gain |] -> Some [ $"{gains.Length} layers"; $"+{gain} each" ]
    | _ when gains.Length <= 4 ->
        let made = trails |> Array.map _.Node |> convolutions
        Some(List.truncate 2 made @ [ String.Join(" + ", gains) ])
    | _ -> Some [ $"{gains.Length} layers" ]

let private marks depth (trails: Trail[]) =
    let passes =
        trails
        |> Array.collect (fun trail -> trail.Ways |> Array.map fst |> Array.filter isPass |> Array.map number)

    // A sum with a vector is no residual.
    let isResidual =
        trails
        |> Array.exists (fun trail ->
            (trail.Node.Op.IsConv || trail.Node.Op.IsDeconv)
            && sides (depth - 1) trail
               |> Array.exists (fun (at, _) -> isNumbered "sum" (lastStep at)))

    [
        if isResidual then
            Residual
        if
            trails
            |> Array.exists (fun trail ->
                sides (depth - 1) trail
                |> Array.exists (fun (at, _) -> isNumbered "product" (lastStep at)))
        then
            Masked
        if passes.Length > 0 && Array.max passes > 1 then
            Recurrent(Array.max passes - 1)
    ]

/// What a box for nodes says.
let internal caption (nodes: Node[]) =
    let trails = Array.map trail nodes
    let depth = shared trails

    let levels =
        trails
        |> Array.collect (fun trail ->
            trail.Ways |> Array.skip depth |> Array.map fst |> Array.filter isLevel)
        |> Array.distinct
        |> Array.length

    if levels > 0 then
        {
            Lines = [ "encoder-decoder"; (if levels = 1 then "1 level" else $"{levels} levels") ]
            Marks = []
        }
    else
        let marks = marks depth trails
        let main = mainly depth trails
        let nodes = Array.map _.Node main

        let again =
            marks
            |> List.choose (function
                | Recurrent times -> Some $"t = {times}"
                | _ -> None)

        {
            Lines =
                match steps main with
                | Some lines -> lines
                | None -> convolutions nodes @ rate nodes @ vectors nodes @ again
            Marks = marks
        }

/// What nodes do, in a line: "2 × conv 3, residual".
let line (nodes: Node[]) =
    let caption = caption nodes

    let words = [
        yield! caption.Lines
        if List.contains Residual caption.Marks then
            "residual"
        if List.contains Masked caption.Marks then
            "masked"
    ]

    match words with
    | [] ->
        nodes
        |> Array.map (fun node -> Ops.name node.Op)
        |> Array.distinct
        |> String.concat ", "
    | words -> String.Join(", ", words)
