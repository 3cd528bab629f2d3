/// Compares the zoo with the counts and outputs of other implementations. A difference is an error in KneeSeg.
module KneeSeg.ZooPages.References

open System
open System.Globalization
open KneeSeg.Cli
open KneeSeg.Dsl
open KneeSeg.Torch.Probes

/// Relative tolerance for an output, of the larger of value and standard deviation.
let tolerance = 1e-4

/// A network as it was counted.
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

/// The counts that differ from their references.
let differingCounts (rows: ReferenceCount seq) =
    rows |> Seq.collect differences |> List.ofSeq

/// The statistics of an output, in order.
let fields = [ "mean"; "std"; "min"; "max"; "first"; "mid"; "last" ]

/// The graph of a reference output, and its input size.
let probed (row: ReferenceOutput) =
    let graph = Networks.Load(row.Spec, 1, row.Classes)
    graph, Probe.DefaultSize graph

/// Runs a network and gives the statistics that differ from their reference.
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
            // Negated so that NaN is a difference.
            if not (abs (found - wanted) <= tolerance * max (abs wanted) deviation) then
                $"{row.Spec}: {field} is {found}, but its reference has {wanted}"
    ]

/// A number with the digits of its reference.
let number (value: float) =
    value.ToString("G9", CultureInfo.InvariantCulture)

/// The command that prints the same statistics.
let command (row: ReferenceOutput) =
    String.concat " " [
        $"kneeseg verify {row.Spec} --classes {row.Classes}"
        if row.Gain <> 1.0 then
            $"--gain {number row.Gain}"
        if row.Probabilities then
            "--probabilities"
    ]

/// Fails with an internal error if anything differs.
let insist (differences: string list) =
    if not differences.IsEmpty then
        failwith (String.Join("; ", differences))
