/// `kneeseg validate`: checks every case of a dataset.
module KneeSeg.Cli.Commands.Validate

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Data.Validation

/// The arguments.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Data of DATA: string
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Data _ -> "dataset folder or its dataset.json"
            | Json -> "print a JSON object"

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
            (Output.decimal 1 (System.Nullable(100.0 * float report.Ignored / float report.Labeled)))

    printfn "%s: %d cases, %d errors, %d warnings" report.Name report.Cases report.Errors report.Warnings

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let report =
        Terminal.watch (fun progress ->
            DatasetValidation.Run(arguments.GetResult Arguments.Data, Terminal.cases progress "validating"))

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
different shapes, undefined labels, subjects in two splits. Exits with 3 if there are errors."
        "kneeseg validate knees"
        run
