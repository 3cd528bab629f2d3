/// `kneeseg evaluate`: predictions against references.
module KneeSeg.Cli.Commands.Evaluate

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Experiments

/// What it takes.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Paths of PREDICTIONS: string * REFERENCES: string
    | Out of DIR: string
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Paths _ -> "two label volumes, or a folder and a folder or data set"
            | Out _ -> "also write evaluation.json, structures.csv and cases.csv there"
            | Json -> "print one JSON object instead"

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let predictions, references = arguments.GetResult Paths

    let summary =
        Screen.watch (fun screen ->
            EvaluationJob.Run(predictions, references, Option.toObj (arguments.TryGetResult Out), screen))

    Seq.iter Stop.tellFailed summary.Failed

    if arguments.Contains Json then
        printfn "%s" (summary.ToJson())
    else
        Scores.print summary

    if summary.Failed.Count = 0 then
        ExitCode.Done
    else
        ExitCode.Data

/// The command.
let command =
    Command.create
        "evaluate"
        "measures predictions against references"
        "Compares label volumes: overlap, surface distances in mm, volumes and thickness, per case and label. Structures that a
prediction lacks or has elsewhere are counted and shown first, not averaged away. A case that can't be measured is
reported, and the others are still measured."
        "kneeseg evaluate labels knees
        kneeseg evaluate predicted.nii.gz reference.nii.gz --json"
        run
