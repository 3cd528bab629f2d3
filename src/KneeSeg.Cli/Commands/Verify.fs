/// `kneeseg verify`: a network's output for fixed weights and input.
module KneeSeg.Cli.Commands.Verify

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Dsl.Spec
open KneeSeg.Torch.Probes

/// The arguments.
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
            | Size _ ->
                "input size (default: 32x32x32, or 64x64 in 2D; twice the size divisor where that is more)"
            | Channels _ -> "input channels (default: 1)"
            | Classes _ -> "number of classes (default: 7)"
            | Gain _ -> "factor for all weights (default: 1)"
            | Probabilities -> "apply sigmoid (one class) or softmax to the output"
            | Json -> "print a JSON array, one object per network"

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

/// One network, as `--json` prints it.
type Verified = {
    Name: string
    Parameters: int64
    Macs: int64
    Shape: int[]
    Mean: float
    Std: float
    Min: float
    Max: float
    First: float
    Mid: float
    Last: float
}

let private record (name: string, result: ProbeResult) = {
    Name = name
    Parameters = result.Parameters
    Macs = result.Macs
    Shape = result.Shape
    Mean = result.Mean
    Std = result.Std
    Min = result.Min
    Max = result.Max
    First = result.First
    Mid = result.Mid
    Last = result.Last
}

let private print (name: string, result: ProbeResult) =
    printfn "%s" name
    printfn "  %-10s %s" "parameters" (Output.count result.Parameters)
    printfn "  %-10s %s" "macs" (Output.count result.Macs)
    printfn "  %-10s %s" "shape" (Output.size result.Shape)

    for field, value in
        [
            "mean", result.Mean
            "std", result.Std
            "min", result.Min
            "max", result.Max
            "first", result.First
            "mid", result.Mid
            "last", result.Last
        ] do
        printfn "  %-10s %.9g" field value

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let results =
        arguments.GetResult Specs
        |> List.collect SpecFile.networks
        |> List.map (probe arguments)

    if arguments.Contains Json then
        Output.json (List.map record results)
    else
        List.iter print results

    ExitCode.Done

/// The command.
let command =
    Command.create
        "verify"
        "Compare a network with another implementation"
        "Fills weights and input with values computed from their indices, runs the network once in float32 and prints statistics
of the output. Another implementation filled in the same way must give the same values."
        "kneeseg verify unet --channels 1 --classes 7
        kneeseg verify unet3d vnet+relative --classes 1 --json"
        run
