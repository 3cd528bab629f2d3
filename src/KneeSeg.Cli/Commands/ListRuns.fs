/// `kneeseg list`: the runs in a folder.
module KneeSeg.Cli.Commands.ListRuns

open System
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Experiments
open KneeSeg.Experiments.Slurm

/// The arguments.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Folder of DIR: string
    | Sort of COLUMN: string
    | Where of TEXT: string
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Folder _ -> "folder to search for runs, at any depth"
            | Sort _ ->
                "name, network, state, dice, thickness, denuded, srm, loss, val-loss or time; best first (default: name)"
            | Where _ ->
                "only runs with this text in their name, network, dataset or state; can be repeated, and all must match"
            | Json -> "print a JSON array"

let private count (number: Nullable<int>) =
    if number.HasValue then string number.Value else "–"

let private srm (run: RunList) =
    match run.Response with
    | Null -> Nullable()
    | NonNull response -> response.Prediction

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let texts = arguments.GetResults Where

    let folder = arguments.GetResult Folder

    let runs =
        RunList.Sort(
            SlurmRuns.Of(folder, RunList.Find folder)
            |> Seq.filter (fun run -> texts |> List.forall run.Has),
            arguments.GetResult(Sort, "name")
        )

    if arguments.Contains Json then
        printfn "%s" (RunList.ToJson runs)
    else
        // Columns that no run has a number for are left out.
        let measured (title: string) places (of': RunList -> Nullable<float>) = [
            if runs |> Seq.exists (fun run -> (of' run).HasValue) then
                title, (fun run -> Output.decimal places (of' run))
        ]

        let counted (title: string) (of': RunList -> Nullable<int>) = [
            if runs |> Seq.exists (fun run -> (of' run).HasValue) then
                title, (fun run -> count (of' run))
        ]

        let measures = [
            yield! counted "missed" _.Missed
            yield! counted "misplaced" _.Misplaced
            yield "Dice", (fun (run: RunList) -> Output.decimal 3 run.Dice)
            yield! measured "ΔThCtAB, mm" 3 _.ThicknessError
            yield! measured "ΔdAB, mm²" 1 _.DenudedError
            yield! measured "SRM" 2 srm
        ]

        let said (title: string) (of': RunList -> string | null) = [
            if runs |> Seq.exists (fun run -> not (String.IsNullOrEmpty(of' run))) then
                title, (fun run -> string (of' run))
        ]

        let queued = [
            yield! said "reason" _.Reason
            yield! said "node" _.Node
            yield! said "time left" _.TimeLeft
        ]

        Output.table [
            "run", false
            "network", false
            "state", false
            for title, _ in queued do
                title, false
            "epochs", true
            "loss", true
            "val loss", true
            for title, _ in measures do
                title, true
            "minutes", true
        ] [
            for run in runs ->
                [
                    run.Name
                    run.Network
                    run.State
                    for _, cell in queued do
                        cell run
                    $"{run.Epoch}/{run.Epochs}"
                    Output.decimal 3 run.Loss
                    Output.decimal 3 run.ValLoss
                    for _, cell in measures do
                        cell run
                    Output.decimal 1 (Nullable(run.Seconds / 60.0))
                ]
        ]

    ExitCode.Done

/// The command.
let command =
    Command.create
        "list"
        "List the runs in a folder: state, losses, Dice"
        "Lists every run in a folder, from train, cross-validate or sweep, with the state of tasks in Slurm's queue. Dice is that of the test cases if they were
evaluated, otherwise the best on validation. ΔThCtAB and ΔdAB are mean errors of thickness and denuded area of cartilage
plates; SRM tells how clearly a change shows, where test cases are visits of knees."
        "kneeseg list runs
        kneeseg list vnet/runs --sort dice --where small"
        run
