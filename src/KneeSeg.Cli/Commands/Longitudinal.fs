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
    | [<MainCommand; Mandatory>] Sources of SOURCE: string list
    | [<Mandatory>] Out of DIR: string
    | Visits of TABLE: string
    | Measure of NAME: string
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Sources _ ->
                "a CSV file with the columns subject, knee, region, visit (0 is the baseline), scan (2 repeats scan 1), years, value and, for agreement, reader; or results of measure or evaluate, files or folders, for readers as NAME=PATH"
            | Out _ -> "folder for longitudinal.json, CSV tables and report.html"
            | Visits _ ->
                "CSV file that says what the cases of results are: columns case, subject, knee, visit, scan, years"
            | Measure _ ->
                "what to take of results: ThCtAB (default), VC, dABp or another field of their regions"
            | Json -> "print the JSON object"

let private within places (interval: Interval | null) =
    match interval with
    | Null -> "–"
    | NonNull interval ->
        $"{Output.decimal places (Nullable interval.Low)} to {Output.decimal places (Nullable interval.High)}"

let private counts (change: ChangeStatistics) =
    if change.LossBySdc.HasValue then
        $"{change.LossBySdc.Value}, {change.StableBySdc.Value}, {change.GainBySdc.Value}"
    else
        "–"

let private named region reader =
    match reader with
    | Null -> region
    | NonNull reader -> $"{region}, {reader}"

let private agreement title (rows: (string * Repeatability) list) =
    if not rows.IsEmpty then
        Output.table [
            title, false
            "knees", true
            "RMS SD", true
            "RMS CV, %", true
            "SDC", true
            "bias", true
            "limits of agreement", true
            "ICC(2,1)", true
            "ICC(3,1)", true
        ] [
            for name, one in rows ->
                [
                    name
                    string one.NRepeats
                    Output.decimal 4 one.RmsSd
                    Output.decimal 2 one.RmsCvPercent
                    Output.decimal 3 one.Sdc95
                    Output.decimal 3 one.BaBias
                    within 3 one.BaLimits
                    Output.decimal 3 one.Icc21
                    Output.decimal 3 one.Icc31
                ]
        ]

        printfn ""

let private changes (report: LongitudinalReport) =
    Output.table [
        "change", false
        "visit", true
        "knees", true
        "mean", true
        "SD", true
        "SRM", true
        "95 %", true
        "t-test p", true
        "% a year", true
        "loss, stable, gain", true
    ] [
        for region in report.Regions do
            for change in region.Visits ->
                [
                    named region.Region region.Reader
                    string change.FollowUpVisit
                    string change.NChange
                    Output.decimal 3 change.MeanChange
                    Output.decimal 3 change.SdChange
                    Output.decimal 2 change.Srm
                    within 2 change.SrmCi
                    Output.decimal 4 change.PairedP
                    Output.decimal 2 change.MeanAnnualPercent
                    counts change
                ]
    ]

let private print (report: LongitudinalReport) =
    agreement "repeatability" [
        for one in report.Regions do
            if one.Repeats.NRepeats > 0 then
                named one.Region one.Reader, one.Repeats
    ]

    agreement "agreement" [
        for one in report.Agreement -> $"{one.Region}, {one.Of}: {one.First} - {one.Second}", one.Measures
    ]

    if report.Regions |> Seq.exists (fun one -> one.Visits.Count > 0) then
        changes report
    else
        printfn "No change: no knee has both the baseline (visit 0) and a later visit"

let private isTable (source: string) =
    source.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)

let private warn (line: string) = eprintfn "warning: %s" line

let private report (arguments: ParseResults<Arguments>) =
    let sources, out = arguments.GetResult Sources, arguments.GetResult Out

    match sources with
    | [ table ] when isTable table ->
        if arguments.Contains Visits || arguments.Contains Measure then
            Fail.usage
                "--visits, --measure"
                $"they are about results of measure or evaluate, and {table} is a table of values"
                "Leave them out"

        LongitudinalJob.OfTable(table, out)
    | _ ->
        match List.tryFind isTable sources with
        | Some table when sources.Length > 1 ->
            Fail.usage table "a table of values stands alone" "Put all values into one table"
        | _ -> ()

        LongitudinalJob.OfResults(
            ResizeArray sources,
            Option.toObj (arguments.TryGetResult Visits),
            arguments.GetResult(Measure, "ThCtAB"),
            out,
            warn
        )

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let report = report arguments

    Seq.iter warn report.Warnings

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
        "From measurements at several visits, as a table or from measure or evaluate: for each region repeatability (RMS SD, RMS CV, SDC, limits of agreement,
ICC), change (mean, SRM, paired tests, annual rates) and the knees that change by more than the smallest detectable change;
for each knee ordered values and thinning scores. Changes are between the first scans of two visits. What the table does not
contain, such as repeated scans, leaves its statistics empty."
        "kneeseg longitudinal thickness.csv --out change
        kneeseg longitudinal measured --visits visits.csv --out change
        kneeseg longitudinal reader=measured/reader network=measured/network --visits visits.csv --out change"
        run
