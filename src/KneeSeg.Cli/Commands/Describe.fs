/// `kneeseg describe`: a network's structure, shapes and cost, computed without building it.
module KneeSeg.Cli.Commands.Describe

open System
open System.IO
open System.Runtime.ExceptionServices
open System.Threading.Tasks
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Diagrams
open KneeSeg.Dsl
open KneeSeg.Torch.Native

/// The type of feature maps; weights are float32.
type Precision =
    | Fp32
    | Bf16

/// The arguments.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Spec of SPEC: string
    | Size of DxHxW: string
    | Channels of N: int
    | Classes of N: int
    | Batch of N: int
    | Precision of Precision
    | Json
    | Diagram of FILE: string
    | Lines
    | Watch

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Spec _ -> TrainingArguments.Usage.spec
            | Size _ -> "input size (default: 64x64x64, 288x288 in 2D, 5x160x160 for slice networks)"
            | Channels _ -> "input channels (default: 1)"
            | Classes _ -> "number of classes, including background (default: 7)"
            | Batch _ -> "batch size for the memory estimate (default: 1)"
            | Precision _ -> "precision for the memory estimate (default: fp32)"
            | Json -> "print a JSON object, with the shape of every node"
            | Diagram _ -> "also write a diagram, as .svg or as a Mermaid flowchart (.mmd)"
            | Lines -> "show the script, with what each line makes: the output shapes and the parameters"
            | Watch -> "show the script's lines, or its errors, again each time the file is saved"

let private draw (graph: Graph) size (path: string) =
    let text =
        match (string (Path.GetExtension path)).ToLowerInvariant() with
        | ".svg" -> Diagram.Svg(graph, size)
        | ".mmd" -> Diagram.Mermaid(graph, size)
        | _ ->
            Fail.usage
                $"--diagram {path}"
                "unknown diagram format"
                "Use a file name that ends in .svg or .mmd"

    AtomicFile.WriteText(path, text)

/// What the memory estimate is for.
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

/// Bytes at the peak; training also with activation checkpointing.
type PeakBytes = { Predict: int64; Train: int64; TrainRecomputing: int64 }

/// An input, with its channels and size.
type InputShape = { Name: string; Shape: int[] }

/// A node of the graph, with the channels and size of its output.
type NodeShape = { Id: int; Op: string; Stage: string; Shape: int[]; Parameters: int64 }

/// A named output: what it is compared with in training, its channels and size.
type OutputShape = { Name: string; Target: string; Shape: int[] }

/// The network, as `--json` prints it.
type Description = {
    Name: string
    Rank: int
    Channels: int
    Classes: int
    Hash: string
    Parameters: int64
    Macs: int64
    Multiple: int[]
    ReceptiveField: int[]
    PeakBytes: PeakBytes
    Inputs: InputShape[]
    Outputs: OutputShape[]
    Nodes: NodeShape[]
}

let private target target =
    match target with
    | Labels -> "labels"
    | SignedDistance -> "signed distance"
    | Presence -> "presence"

let private description
    (graph: Graph)
    size
    (cost: Cost)
    (peak: PeakMemory)
    (checkpointing: ActivationCheckpointing)
    =
    let shape (node: Node) =
        Array.append [| node.Shape.Channels |] (Networks.ShapeOf(node, size))

    {
        Name = graph.Name
        Rank = graph.Axes
        Channels = graph.Channels
        Classes = graph.Classes
        Hash = graph.Hash
        Parameters = cost.Parameters
        Macs = cost.Macs
        Multiple = graph.Multiple
        ReceptiveField = cost.ReceptiveField
        PeakBytes = {
            Predict = peak.Predict
            Train = peak.Train
            TrainRecomputing = checkpointing.Train
        }
        Inputs = [|
            for node in graph.Nodes do
                if node.Op.IsInput then
                    { Name = node.Stage; Shape = shape node }
        |]
        Outputs = [|
            for output in graph.NamedOutputs ->
                {
                    Name = output.Name
                    Target = target output.Target
                    Shape = shape graph.Nodes[output.Node]
                }
        |]
        Nodes = [|
            for node in graph.Nodes ->
                {
                    Id = node.Id
                    Op = Ops.name node.Op
                    Stage = node.Stage
                    Shape = shape node
                    Parameters = Cost.parametersOf [ node ]
                }
        |]
    }

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

                let after = if part.IsHead then ", in training" else ""

                let nodes =
                    Array.append (join |> Option.map _.Nodes |> Option.defaultValue [||]) part.Nodes

                part, before + Captions.line part.Nodes + after, nodes
    ]

/// The table of a network's parts, with how multiply-accumulates are written: its columns, and its rows.
let partTable (macs: int64 -> string) (graph: Graph) size =
    [
        "part", false
        "operations", false
        "output", false
        "parameters", true
        "multiply-accumulates", true
    ],
    [
        for part, work, nodes in rows graph ->
            [
                part.Name
                work
                $"{part.Last.Shape.Channels} × {Output.size (Networks.ShapeOf(part.Last, size))}"
                Output.count (Cost.parametersOf nodes)
                macs (Cost.macsOf graph size nodes)
            ]
    ]

/// What a network sees and takes, each with its label.
let inputFacts (graph: Graph) size (cost: Cost) = [
    "receptive field", Output.size cost.ReceptiveField
    "input sizes are multiples of", Output.size graph.Multiple

    if Networks.SmallestBatch(graph, size) > 1 then
        "minimum training batch size", "2 (a batch norm has a single voxel per image)"

    for node in graph.Nodes do
        if node.Op.IsInput && node.Op <> Op.Input "image" then
            "auxiliary inputs", $"{node.Stage} ({node.Shape.Channels} values)"

    for output in graph.NamedOutputs do
        let node = graph.Nodes[output.Node]

        $"output '{output.Name}'",
        $"{node.Shape.Channels} × {Output.size (Networks.ShapeOf(node, size))}, against {target output.Target}"
]

let private printTable
    (graph: Graph)
    (made: ScriptLines.Made list)
    script
    size
    load
    (cost: Cost)
    (peak: PeakMemory)
    (checkpointing: ActivationCheckpointing)
    =
    let bytes n = $"{Output.short n}B"

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

    if made.IsEmpty then
        partTable Output.short graph size ||> Output.table
    else
        for line in ScriptView.lines script size made do
            printfn "%s" line

    printfn ""
    let print label value = printfn "%-28s  %s" label value

    print "parameters" (Output.count cost.Parameters)
    print "multiply-accumulates" $"{Output.count cost.Macs} at {Output.size size}"
    print "peak memory, prediction" $"{bytes peak.Predict} (batch size {load.Batch}, {named load.Precision})"

    print
        "peak memory, training"
        $"{bytes peak.Train}, or {bytes checkpointing.Train} with activation checkpointing"

    for label, value in inputFacts graph size cost do
        print label value

let private asked (arguments: ParseResults<Arguments>) network =
    let graph =
        SpecFile.graph (arguments.GetResult(Channels, 1)) (arguments.GetResult(Classes, 7)) network

    let load = {
        Batch = arguments.GetResult(Batch, 1)
        Precision = arguments.GetResult(Precision, Fp32)
    }

    if load.Batch < 1 || load.Batch > 1024 then
        Fail.usage $"--batch {load.Batch}" "not a batch size" "Use 1 to 1024"

    graph, Size.orDefault (arguments.TryGetResult Size) graph, load

let private show (arguments: ParseResults<Arguments>) made network =
    let graph, size, load = asked arguments network

    let cost, peak, checkpointing =
        Networks.Cost(graph, size), peak graph size load, checkpointing graph size load

    arguments.TryGetResult Diagram |> Option.iter (draw graph size)

    if arguments.Contains Json then
        Output.json (description graph size cost peak checkpointing)
    else
        printTable graph made (arguments.GetResult Spec) size load cost peak checkpointing

        for leftover in VariantRegistry.leftovers network do
            printfn "%s" leftover

/// Shows a family as a table, with how to see one of its members.
let private showFamily arguments spec (networks: Spec.Network list) =
    networks
    |> Families.print true (fun network ->
        let graph, size, load = asked arguments network

        {
            Graph = graph
            Size = size
            Cost = Networks.Cost(graph, size)
            Training = (peak graph size load).Train
        })

    printfn $"\n{networks.Length} networks. To see one: kneeseg describe '{spec}#{networks.Head.FullName}'"

/// Shows errors at their lines.
let private refuse path problems =
    for line in ScriptView.errors path problems do
        eprintfn "%s" line

    ExitCode.Spec

/// Shows a network by the lines of its script, as far as these are known.
let private describeLines (arguments: ParseResults<Arguments>) (traced: SpecFile.Traced) =
    let made, problems =
        match traced.Lines with
        | Some lines ->
            ScriptLines.describe
                (arguments.GetResult(Channels, 1))
                (arguments.GetResult(Classes, 7))
                traced.Network
                lines
        | None -> [], []

    match problems with
    | [] ->
        show arguments made traced.Network
        ExitCode.Done
    | problems ->
        refuse (arguments.GetResult Spec) [
            for line, diagnostic in problems ->
                {
                    ScriptView.Line = line
                    ScriptView.Column = None
                    ScriptView.Diagnostic = diagnostic
                }
        ]

let private needsFile path =
    if not (File.Exists path) then
        Fail.at ExitCode.Data path "there is no such file" "Give an .fsx or .json file"

/// The errors of a script that is no network, at their places.
let private refused path (error: SpecException) =
    refuse path [
        for diagnostic in error.Diagnostics ->
            let place =
                Fail.place diagnostic.Where |> Option.filter (fun (file, _, _) -> file = path)

            {
                ScriptView.Line = place |> Option.map (fun (_, line, _) -> line)
                ScriptView.Column = place |> Option.map (fun (_, _, column) -> column)
                ScriptView.Diagnostic = diagnostic
            }
    ]

/// Shows the network after each save; an error takes its place until the next.
let private watch arguments spec =
    SpecFile.watch spec (fun read ->
        let network =
            try
                Ok(read ())
            with error ->
                Error(ExceptionDispatchInfo.Capture error)

        if not Console.IsOutputRedirected then
            printf "\u001b[2J\u001b[H"

        Fail.guard (fun () ->
            match network with
            | Ok network -> describeLines arguments network
            | Error error ->
                match error.SourceException with
                | :? SpecException as error -> refused spec error
                | _ ->
                    error.Throw()
                    ExitCode.Fault)
        |> ignore

        printfn "\nwatching %s; press Ctrl+C to end" spec)

/// Compiles what a description takes, while F# starts to read a script.
let private warmUp () =
    Task.Run(fun () ->
        let graph = Networks.Load(Networks.Parse("unet3d+tiny").Json, 1, 7)
        let size = Networks.DefaultSize graph
        let load = { Batch = 1; Precision = Fp32 }

        (partTable Output.short graph size,
         Networks.Cost(graph, size),
         peak graph size load,
         checkpointing graph size load)
        |> ignore)
    |> ignore

let private run (arguments: ParseResults<Arguments>) =
    let spec = arguments.GetResult Spec

    if spec.Contains ".fsx" then
        warmUp ()

    if arguments.Contains Watch then
        needsFile spec
        watch arguments spec
        ExitCode.Done
    elif arguments.Contains Lines then
        needsFile spec
        describeLines arguments (SpecFile.lines spec)
    else
        match SpecFile.networks spec with
        | [ network ] -> show arguments [] network
        | several when arguments.Contains Json || arguments.Contains Diagram ->
            SpecFile.single spec several |> show arguments []
        | several -> showFamily arguments spec several

        ExitCode.Done

/// The command.
let command =
    Command.create
        "describe"
        "Show a network's structure, shapes and cost"
        "Shows the operations, output shape, parameters and multiply-accumulates of each part of a network, and its peak memory,
receptive field and valid input sizes. A script that ends in several networks is a table of their cost, with a column for each
axis of the family."
        "kneeseg describe vnet+relative --size 64x96x96 --batch 2 --precision bf16
        kneeseg describe my-network.fsx --diagram my-network.svg
        kneeseg describe my-network.fsx --lines
        kneeseg describe my-network.fsx --watch"
        run
