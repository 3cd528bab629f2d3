/// The zoo compared with the counts and outputs of other implementations. A difference is a bug of ours.
module KneeSeg.Cli.Commands.ZooReferences

open System
open System.Globalization
open KneeSeg.Cli
open KneeSeg.Dsl
open KneeSeg.Torch

/// The share of the larger of value and deviation by which an output may be off.
let tolerance = 1e-4

/// "45,593,892 at 64x64x64"-like: a network as counted.
let private counted (row: ReferenceCount) =
    let channels = if row.Channels = 1 then "channel" else "channels"
    let classes = if row.Classes = 1 then "class" else "classes"
    $"{row.Spec}, {row.Channels} {channels} to {row.Classes} {classes}, at {Output.size row.Size}"

let private differences (row: ReferenceCount) =
    let cost =
        Networks.Cost(Networks.Load(row.Spec, row.Channels, row.Classes), row.Size)

    [
        for what, found, wanted in
            [
                "parameters", cost.Parameters, row.Parameters
                "multiply-accumulates", cost.Macs, row.Macs
            ] do
            if found <> wanted then
                $"{counted row}: {Output.count found} {what}, but its reference has {Output.count wanted}"
    ]

/// The counts that are not as another implementation has them.
let differingCounts (rows: ReferenceCount seq) =
    rows |> Seq.collect differences |> List.ofSeq

/// The numbers of a reference output, in their order.
let fields = [ "mean"; "std"; "min"; "max"; "first"; "mid"; "last" ]

/// The graph of a reference output, and the size of its input.
let probed (row: ReferenceOutput) =
    let graph = Networks.Load(row.Spec, 1, row.Classes)
    graph, Probe.DefaultSize graph

/// Runs a network and gives the numbers that are not as another implementation has them.
let differingOutputs (row: ReferenceOutput) =
    let graph, size = probed row
    let found = Probe.Run(graph, size, row.Gain, row.Probabilities)

    let numbers = [
        found.Mean
        found.Std
        found.Min
        found.Max
        found.First
        found.Mid
        found.Last
    ]

    let deviation = row.Numbers[1]

    [
        for field, found, wanted in List.zip3 fields numbers (List.ofArray row.Numbers) do
            // Written so that no number is a difference too.
            if not (abs (found - wanted) <= tolerance * max (abs wanted) deviation) then
                $"{row.Spec}: {field} is {found}, but its reference has {wanted}"
    ]

/// A number as its reference gives it.
let number (value: float) =
    value.ToString("G9", CultureInfo.InvariantCulture)

/// The command line that prints KneeSeg's output.
let command (row: ReferenceOutput) =
    String.concat " " [
        $"kneeseg probe {row.Spec} --classes {row.Classes}"
        if row.Gain <> 1.0 then
            $"--gain {number row.Gain}"
        if row.Probabilities then
            "--probabilities"
    ]

/// Stops, as a fault of ours, where anything differs.
let insist (differences: string list) =
    if not differences.IsEmpty then
        failwith (String.Join("; ", differences))
