/// `kneeseg validate`: checks every case of a dataset.
module KneeSeg.Cli.Commands.Validate

open System
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Data.Validation

/// The arguments.
type Arguments =
    | [<MainCommand; Mandatory>] Data of DATA: string list
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Data _ ->
                "dataset folders or their dataset.json; several are checked as they are trained on together"
            | Json -> "print a JSON object"

/// What each source labels, with its own values and those of the union.
let private sources (report: ValidationReport) =
    let classes (label: SourceLabel) = String.Join('+', label.Classes)

    Output.table [
        "source", false
        "structure", false
        "in its files", true
        "class", true
        "voxels", true
    ] [
        for source in report.Sources do
            for label in source.Labels ->
                [
                    source.Name
                    label.Name
                    string label.Value
                    classes label
                    Output.count label.Voxels
                ]
    ]

    printfn ""

    for source in report.Sources do
        if source.Unlabeled.Count > 0 then
            printfn "%s does not label %s" source.Name (String.Join(", ", source.Unlabeled))

        match
            [
                for label in source.Labels do
                    if classes label <> string label.Value then
                        $"{label.Name} ({label.Value}, here {classes label})"
            ]
        with
        | [] -> ()
        | others -> printfn "%s is numbered differently: %s" source.Name (String.Join(", ", others))

let private print (report: ValidationReport) =
    for finding in report.Findings do
        // No case: the finding is about the whole dataset.
        let about = if finding.Case = "" then "" else $"{finding.Case}: "
        printfn "%s: %s%s" ((string finding.Severity).ToLowerInvariant()) about finding.What
        printfn "  do  %s" finding.Fix

    if report.Ignored > 0L then
        printfn
            "%s of %s voxels are ignored (%s %%): they are not annotated"
            (Output.count report.Ignored)
            (Output.count report.Labeled)
            (Output.decimal 1 (Nullable(100.0 * float report.Ignored / float report.Labeled)))

    if report.Sources.Count > 0 then
        sources report

    printfn "%s: %d cases, %d errors, %d warnings" report.Name report.Cases report.Errors report.Warnings

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let report =
        Terminal.watch (fun progress ->
            DatasetValidation.Run(
                ResizeArray(arguments.GetResult Arguments.Data),
                Terminal.cases progress "validating"
            ))

    if arguments.Contains Json then
        printfn "%s" (report.ToJson())
    else
        print report

    if report.Errors > 0 then ExitCode.Data else ExitCode.Done

/// The command.
let command =
    Command.create
        "validate"
        "Check a dataset before training"
        "Reads every case of a dataset and lists every problem that would break training: missing files, images and labels of
different shapes, undefined labels, subjects in two splits. Of several datasets it also lists what each one labels.
Exits with 3 if there are errors."
        "kneeseg validate knees
        kneeseg validate knees others"
        run
