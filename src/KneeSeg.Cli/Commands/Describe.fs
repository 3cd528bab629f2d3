/// `kneeseg describe`: everything about a network that can be known before a tensor exists.
module KneeSeg.Cli.Commands.Describe

open System.IO
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Diagrams
open KneeSeg.Dsl
open KneeSeg.Torch

/// What maps are made of; weights are float32.
type Precision =
    | Fp32
    | Bf16

/// What it takes.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Spec of SPEC: string
    | Size of DxHxW: string
    | Channels of N: int
    | Classes of N: int
    | Batch of N: int
    | Precision of Precision
    | Json
    | Diagram of FILE: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Spec _ -> "a network with variants, such as vnet+relative, or an .fsx or .json file"
            | Size _ ->
                "size of the image; 64x64x64 unless given, 288x288 in 2D, 5x160x160 for slice networks"
            | Channels _ -> "channels of the image; 1 unless given"
            | Classes _ -> "classes, background included; 7 unless given"
            | Batch _ -> "images at a time, for the memory; 1 unless given"
            | Precision _ -> "what maps are made of, for the memory; fp32 unless given"
            | Json -> "print one JSON object instead, with every node's shape"
            | Diagram _ -> "also draw the network, as .svg or as a Mermaid flowchart (.mmd)"

let private draw (graph: Graph) size (path: string) =
    let text =
        match (string (Path.GetExtension path)).ToLowerInvariant() with
        | ".svg" -> Diagram.Svg(graph, size)
        | ".mmd" -> Diagram.Mermaid(graph, size)
        | _ ->
            Stop.usage
                $"--diagram {path}"
                "no kind of diagram is known by this ending"
                "End the file's name in .svg or .mmd"

    AtomicFile.WriteText(path, text)

/// The load whose memory is told.
type private Load = { Batch: int; Precision: Precision }

let private named precision =
    match precision with
    | Fp32 -> "fp32"
    | Bf16 -> "bf16"

let private width precision =
    match precision with
    | Fp32 -> 4
    | Bf16 -> 2

let private peak graph size load =
    LibtorchMemory.Peak(graph, size, load.Batch, width load.Precision)

let private checkpointing graph size load =
    LibtorchMemory.Checkpointing(graph, size, load.Batch, width load.Precision)

let private printJson
    (graph: Graph)
    size
    (cost: Cost)
    (peak: PeakMemory)
    (checkpointing: ActivationCheckpointing)
    =
    Output.json (fun writer ->
        writer.WriteStartObject()
        writer.WriteString("name", graph.Name)
        writer.WriteNumber("rank", graph.Axes)
        writer.WriteNumber("channels", graph.Channels)
        writer.WriteNumber("classes", graph.Classes)
        writer.WriteString("hash", graph.Hash)
        writer.WriteNumber("parameters", cost.Parameters)
        writer.WriteNumber("macs", cost.Macs)
        Output.numbers writer "multiple" graph.Multiple
        Output.numbers writer "receptiveField" cost.ReceptiveField
        writer.WriteStartObject "peakBytes"
        writer.WriteNumber("predict", peak.Predict)
        writer.WriteNumber("train", peak.Train)
        writer.WriteNumber("trainRecomputing", checkpointing.Train)
        writer.WriteEndObject()

        let shape (node: Node) =
            Output.numbers
                writer
                "shape"
                (Array.append [| node.Shape.Channels |] (Networks.ShapeOf(node, size)))

        writer.WriteStartArray "inputs"

        for node in graph.Nodes do
            if node.Op.IsInput then
                writer.WriteStartObject()
                writer.WriteString("name", node.Stage)
                shape node
                writer.WriteEndObject()

        writer.WriteEndArray()
        writer.WriteStartArray "nodes"

        for node in graph.Nodes do
            writer.WriteStartObject()
            writer.WriteNumber("id", node.Id)
            writer.WriteString("op", Ops.name node.Op)
            writer.WriteString("stage", node.Stage)
            shape node
            writer.WriteNumber("parameters", Cost.parametersOf [ node ])
            writer.WriteEndObject()

        writer.WriteEndArray()
        writer.WriteEndObject())

/// The rows of the table: a part each, but what joins stands with what follows.
let private rows (graph: Graph) =
    let parts = Parts.parts graph

    let joinOf (part: Parts.Part) =
        let join = part.Beside Step.Join
        parts |> Array.tryFind (fun other -> other.Path = join)

    let joined = parts |> Array.filter _.Place.IsDecode |> Array.choose joinOf

    [
        for part in parts do
            if not (Array.contains part joined) then
                let join = if part.Place.IsDecode then joinOf part else None

                let before =
                    match join with
                    | Some join -> $"{Ops.name join.Last.Op} to {join.Last.Shape.Channels}, "
                    | None -> ""

                let after = if part.Place.IsHead then ", in training" else ""

                let nodes =
                    Array.append (join |> Option.map _.Nodes |> Option.defaultValue [||]) part.Nodes

                part, before + Captions.line part.Nodes + after, nodes
    ]

/// The table of a network's parts, with how multiply-accumulates are written: its columns, and its rows.
let partTable (macs: int64 -> string) (graph: Graph) size =
    [
        "part", false
        "does", false
        "feature maps", false
        "parameters", true
        "multiply-accumulates", true
    ],
    [
        for part, work, nodes in rows graph ->
            [
                part.Name
                work
                $"{part.Last.Shape.Channels} of {Output.size (Networks.ShapeOf(part.Last, size))}"
                Output.count (Cost.parametersOf nodes)
                macs (Cost.macsOf graph size nodes)
            ]
    ]

let private printTable
    (graph: Graph)
    size
    load
    (cost: Cost)
    (peak: PeakMemory)
    (checkpointing: ActivationCheckpointing)
    =
    let bytes n = $"{Output.short n}B"

    let images =
        if load.Batch = 1 then
            "one image in"
        else
            $"{load.Batch} images in"

    let channels =
        if graph.Channels = 1 then
            "1 channel"
        else
            $"{graph.Channels} channels"

    let classes =
        if graph.Classes = 1 then
            "1 class"
        else
            $"{graph.Classes} classes"

    printfn $"{graph.Name}: {graph.Axes}D, {channels} to {classes}, {graph.Hash}"
    printfn ""

    partTable Output.short graph size ||> Output.table
    printfn ""
    printfn $"parameters            {Output.count cost.Parameters}"
    printfn $"multiply-accumulates  {Output.count cost.Macs} at {Output.size size}"

    printfn
        $"memory at the peak    {bytes peak.Predict} predicting, {bytes peak.Train} training, {bytes checkpointing.Train} with activation checkpointing, {images} {named load.Precision}"

    printfn $"receptive field       {Output.size cost.ReceptiveField}"
    printfn $"size divisor          {Output.size graph.Multiple}"

    if Networks.SmallestBatch(graph, size) > 1 then
        printfn "to train              batches of 2 or more, since a batch norm has one voxel per image"

    for node in graph.Nodes do
        if node.Op.IsInput && node.Op <> Op.Input "image" then
            printfn $"also takes            {node.Stage}, {node.Shape.Channels} numbers"

let private run (arguments: ParseResults<Arguments>) =
    let channels = arguments.GetResult(Channels, 1)
    let classes = arguments.GetResult(Classes, 7)

    let graph =
        SpecFile.network (arguments.GetResult Spec) |> SpecFile.graph channels classes

    let size = Size.orDefault (arguments.TryGetResult Size) graph

    let load = {
        Batch = arguments.GetResult(Batch, 1)
        Precision = arguments.GetResult(Precision, Fp32)
    }

    if load.Batch < 1 || load.Batch > 1024 then
        Stop.usage $"--batch {load.Batch}" "not a number of images at a time" "Give 1 to 1024"

    let cost, peak, checkpointing =
        Networks.Cost(graph, size), peak graph size load, checkpointing graph size load

    arguments.TryGetResult Diagram |> Option.iter (draw graph size)

    if arguments.Contains Json then
        printJson graph size cost peak checkpointing
    else
        printTable graph size load cost peak checkpointing

    ExitCode.Done

/// The command.
let command =
    Command.create
        "describe"
        "a network's levels, shapes and cost"
        "Shows a network level by level: what each part does, the maps it hands on, what it costs, how much of
the image a voxel sees, which sizes fit."
        "kneeseg describe vnet+relative --size 64x96x96 --batch 2 --precision bf16
        kneeseg describe my-network.fsx --diagram my-network.svg"
        run
