/// `kneeseg check`: every case of a data set against the rules.
module KneeSeg.Cli.Commands.Check

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Data

/// What it takes.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Data of DATA: string
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Data _ -> "a data set: its folder or its dataset.json"
            | Json -> "print one JSON object instead"

let private print (report: ValidationReport) =
    for finding in report.Findings do
        // Of the whole set, where no case is named.
        let about = if finding.Case = "" then "" else $"{finding.Case}: "
        printfn "%s: %s%s" ((string finding.Severity).ToLowerInvariant()) about finding.What
        printfn "  do  %s" finding.Fix

    if report.Ignored > 0L then
        printfn
            "%s of %s voxels are ignored (%s %%): nobody annotated them"
            (Output.count report.Ignored)
            (Output.count report.Labeled)
            (Output.decimal 1 (System.Nullable(100.0 * float report.Ignored / float report.Labeled)))

    printfn "%s: %d cases, %d errors, %d warnings" report.Name report.Cases report.Errors report.Warnings

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let report =
        Screen.watch (fun screen ->
            DatasetValidation.Run(arguments.GetResult Arguments.Data, Screen.cases screen "checking"))

    if arguments.Contains Json then
        printfn "%s" (report.ToJson())
    else
        print report

    if report.Errors > 0 then ExitCode.Data else ExitCode.Done

/// The command.
let command =
    Command.create
        "check"
        "checks a data set before it is trained on"
        "Reads every case of a data set and lists everything that training would stumble over: missing files, images and
labels that differ in shape, labels outside the list, subjects in two splits. Ends with 3 if there is an error."
        "kneeseg check knees"
        run
