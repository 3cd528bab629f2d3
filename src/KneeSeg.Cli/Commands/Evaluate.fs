/// `kneeseg evaluate`: compares predictions with references.
module KneeSeg.Cli.Commands.Evaluate

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Experiments

/// The arguments.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Paths of PREDICTIONS: string * REFERENCES: string
    | Out of DIR: string
    | Map of NAME_FILE: string
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Paths _ ->
                "two label volumes, or a folder of predictions and a folder of references or a dataset"
            | Out _ -> "also write evaluation.json, structures.csv and cases.csv to this folder"
            | Map _ ->
                "also measure this map, such as t2=t2.nii.gz, within each structure; for one case, can be repeated"
            | Json -> "print a JSON object"

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let predictions, references = arguments.GetResult Paths

    let maps = MapTable.parse (arguments.GetResults Map)

    let summary =
        Terminal.watch (fun progress ->
            EvaluationJob.Run(
                predictions,
                references,
                Option.toObj (arguments.TryGetResult Out),
                progress,
                maps
            ))

    Seq.iter Fail.showCase summary.Failed

    if arguments.Contains Json then
        printfn "%s" (summary.ToJson())
    else
        EvaluationTable.print summary
        MapTable.print summary.Maps

    if summary.Failed.Count = 0 then
        ExitCode.Done
    else
        ExitCode.Data

/// The command.
let command =
    Command.create
        "evaluate"
        "Compare predictions with reference labels"
        "Computes overlap, surface distances in mm, volumes and cartilage thickness for each case and label. Structures that are
missed, misplaced or spurious are counted and shown first, so that averages cannot hide them. A case that cannot be
evaluated is reported, and the others are still evaluated."
        "kneeseg evaluate labels knees
        kneeseg evaluate predicted.nii.gz reference.nii.gz --json"
        run
