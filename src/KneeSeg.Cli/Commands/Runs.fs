/// `kneeseg runs`: the runs of a folder.
module KneeSeg.Cli.Commands.Runs

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Experiments

/// What it takes.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Folder of DIR: string
    | Sort of COLUMN: string
    | Where of TEXT: string
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Folder _ -> "a folder with runs in it, however deep"
            | Sort _ -> "name (unless given), network, state, dice, loss, val-loss or time; the best first"
            | Where _ -> "only runs with this text in name, network, data or state; several must all be there"
            | Json -> "print a JSON array instead"

let private count (number: System.Nullable<int>) =
    if number.HasValue then string number.Value else "–"

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let texts = arguments.GetResults Where

    let runs =
        RunList.Sort(
            RunList.Find(arguments.GetResult Folder)
            |> Seq.filter (fun run -> texts |> List.forall run.Has),
            arguments.GetResult(Sort, "name")
        )

    if arguments.Contains Json then
        printfn "%s" (RunList.ToJson runs)
    else
        Output.table [
            "run", false
            "network", false
            "state", false
            "epochs", true
            "loss", true
            "val loss", true
            "missed", true
            "misplaced", true
            "Dice", true
            "minutes", true
        ] [
            for run in runs ->
                [
                    run.Name
                    run.Network
                    run.State
                    $"{run.Epoch}/{run.Epochs}"
                    Output.decimal 3 run.Loss
                    Output.decimal 3 run.ValLoss
                    count run.Missed
                    count run.Misplaced
                    Output.decimal 3 run.Dice
                    Output.decimal 1 (System.Nullable(run.Seconds / 60.0))
                ]
        ]

    ExitCode.Done

/// The command.
let command =
    Command.create
        "runs"
        "the runs of a folder: state, losses, Dice"
        "Lists every run in a folder, whoever made it: a sweep, folds, or train. Dice is of the test cases where they were
evaluated, else the best on validation."
        "kneeseg runs runs
        kneeseg runs vnet/runs --sort dice --where small"
        run
