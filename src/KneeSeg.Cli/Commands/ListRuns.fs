/// `kneeseg list`: the runs in a folder.
module KneeSeg.Cli.Commands.ListRuns

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Experiments

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
            | Sort _ -> "name, network, state, dice, loss, val-loss or time; best first (default: name)"
            | Where _ ->
                "only runs with this text in their name, network, dataset or state; can be repeated, and all must match"
            | Json -> "print a JSON array"

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
        "list"
        "List the runs in a folder: state, losses, Dice"
        "Lists every run in a folder, from train, cross-validate or sweep. Dice is that of the test cases if they were
evaluated, otherwise the best on validation."
        "kneeseg list runs
        kneeseg list vnet/runs --sort dice --where small"
        run
