/// `kneeseg probe`: a network's answer to fixed weights and input.
module KneeSeg.Cli.Commands.Probe

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Dsl.Spec
open KneeSeg.Torch

/// What it takes.
type Arguments =
    | [<MainCommand; Mandatory>] Specs of SPEC: string list
    | Size of DxHxW: string
    | Channels of N: int
    | Classes of N: int
    | Gain of G: float
    | Probabilities
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Specs _ -> "networks with variants, or .fsx or .json files"
            | Size _ -> "size of the input; 32x32x32 unless given, 64x64 in 2D"
            | Channels _ -> "channels of the input; 1 unless given"
            | Classes _ -> "classes; 7 unless given"
            | Gain _ -> "factor of all weights; 1 unless given"
            | Probabilities -> "apply sigmoid (one class) or softmax to the answer"
            | Json -> "print a JSON array instead, one object a network"

let private probe (arguments: ParseResults<Arguments>) (network: Network) =
    let graph =
        SpecFile.graph (arguments.GetResult(Channels, 1)) (arguments.GetResult(Classes, 7)) network

    let size =
        match arguments.TryGetResult Size with
        | Some text -> Size.parse "--size" text
        | None -> Probe.DefaultSize graph

    let result =
        Probe.Run(graph, size, arguments.GetResult(Gain, 1.0), arguments.Contains Probabilities)

    graph.Name, result

let private statistics (result: ProbeResult) = [
    "mean", result.Mean
    "std", result.Std
    "min", result.Min
    "max", result.Max
    "first", result.First
    "mid", result.Mid
    "last", result.Last
]

let private printJson (results: (string * ProbeResult) list) =
    Output.json (fun writer ->
        writer.WriteStartArray()

        for name, result in results do
            writer.WriteStartObject()
            writer.WriteString("name", name)
            writer.WriteNumber("parameters", result.Parameters)
            writer.WriteNumber("macs", result.Macs)
            Output.numbers writer "shape" result.Shape

            for field, value in statistics result do
                writer.WriteNumber(field, value)

            writer.WriteEndObject()

        writer.WriteEndArray())

let private print (name: string, result: ProbeResult) =
    printfn "%s" name
    printfn "  %-10s %s" "parameters" (Output.count result.Parameters)
    printfn "  %-10s %s" "macs" (Output.count result.Macs)
    printfn "  %-10s %s" "shape" (Output.size result.Shape)

    for field, value in statistics result do
        printfn "  %-10s %.9g" field value

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let results =
        arguments.GetResult Specs
        |> List.collect SpecFile.networks
        |> List.map (probe arguments)

    if arguments.Contains Json then
        printJson results
    else
        List.iter print results

    ExitCode.Done

/// The command.
let command =
    Command.create
        "probe"
        "compares a network with another implementation of it"
        "Fills weights and input with numbers that depend on their indices alone, runs the network once in float32 and
prints statistics of its answer. Another implementation that is filled alike must give the same numbers."
        "kneeseg probe unet --channels 1 --classes 7
        kneeseg probe unet3d vnet+relative --classes 1 --json"
        run
