/// `kneeseg longitudinal`: change over time, and how repeatable it is.
module KneeSeg.Cli.Commands.Longitudinal

open System
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Evaluation
open KneeSeg.Evaluation.Longitudinal
open KneeSeg.Experiments

/// The arguments.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Table of TABLE: string
    | [<Mandatory>] Out of DIR: string
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Table _ ->
                "CSV file with the columns subject, knee, region, visit (0 is the baseline), scan (2 repeats scan 1), years and value, and for agreement reader"
            | Out _ -> "folder for longitudinal.json, CSV tables and report.html"
            | Json -> "print the JSON object"

let private within (interval: Interval | null) =
    match interval with
    | Null -> ""
    | NonNull interval ->
        $" [{Output.decimal 2 (Nullable interval.Low)}, {Output.decimal 2 (Nullable interval.High)}]"

let private counts (change: ChangeStatistics) =
    if change.LossBySdc.HasValue then
        $"{change.LossBySdc.Value}, {change.StableBySdc.Value}, {change.GainBySdc.Value}"
    else
        "–"

let private named region reader =
    match reader with
    | Null -> region
    | NonNull reader -> $"{region}, {reader}"

let private print (report: LongitudinalReport) =
    Output.table [
        "region", false
        "knees", true
        "RMS CV, %", true
        "SDC", true
        "ICC(2,1)", true
        "changed", true
        "change", true
        "± SD", true
        "SRM [95 %]", true
        "t-test p", true
        "a year, %", true
        "loss, stable, gain", true
    ] [
        for region in report.Regions ->
            let repeats, change = region.Repeats, region.Change

            [
                named region.Region region.Reader
                string region.N
                Output.decimal 2 repeats.RmsCvPercent
                Output.decimal 3 repeats.Sdc95
                Output.decimal 3 repeats.Icc21
                string change.NChange
                Output.decimal 3 change.MeanChange
                Output.decimal 3 change.SdChange
                Output.decimal 2 change.Srm + within change.SrmCi
                Output.decimal 4 change.PairedP
                Output.decimal 2 change.MeanAnnualPercent
                counts change
            ]
    ]

    if report.Agreement.Count > 0 then
        printfn ""

        Output.table [
            "agreement, first - second", false
            "of", false
            "knees", true
            "bias", true
            "limits of agreement", true
            "RMS CV, %", true
            "ICC(2,1)", true
        ] [
            for one in report.Agreement ->
                [
                    $"{one.Region}, {one.First} - {one.Second}"
                    one.Of
                    string one.Measures.NRepeats
                    Output.decimal 3 one.Measures.BaBias
                    (within one.Measures.BaLimits).Trim()
                    Output.decimal 2 one.Measures.RmsCvPercent
                    Output.decimal 3 one.Measures.Icc21
                ]
        ]

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let report = LongitudinalJob.Run(arguments.GetResult Table, arguments.GetResult Out)

    for warning in report.Warnings do
        eprintfn "warning: %s" warning

    if arguments.Contains Json then
        printfn "%s" (report.ToJson())
    else
        print report

    ExitCode.Done

/// The command.
let command =
    Command.create
        "longitudinal"
        "Measure change over time and repeatability"
        "From a table of measurements at several visits: for each region repeatability (RMS SD, RMS CV, SDC, limits of agreement,
ICC), change (mean, SRM, paired tests, annual rates) and the knees that change by more than the smallest detectable change;
for each knee ordered values and thinning scores. Changes are between the first scans of two visits. What the table does not
contain, such as repeated scans, leaves its statistics empty."
        "kneeseg longitudinal thickness.csv --out change"
        run
