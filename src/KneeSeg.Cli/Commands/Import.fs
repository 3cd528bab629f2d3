/// `kneeseg import`: networks that other programs trained become runs.
module KneeSeg.Cli.Commands.Import

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Experiments.Import
open KneeSeg.Runs.Nnunet

/// The arguments.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Source of FOLDER: string
    | [<Mandatory>] Run of DIR: string
    | Folds of LIST: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Source _ ->
                "TRAINER__PLANS__CONFIGURATION of nnU-Net's results, with plans.json, dataset.json and folds"
            | Run _ -> "folder for the run; of several folds, for their runs"
            | Folds _ -> "folds of nnU-Net, such as 0,2 (default: all that are there)"

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let source = arguments.GetResult Source

    if not (NnunetPlans.AreIn source) then
        Fail.at
            ExitCode.Data
            source
            "is no folder with plans.json and dataset.json"
            "Give TRAINER__PLANS__CONFIGURATION in nnUNet_results/DATASET"

    let folds =
        match arguments.TryGetResult Folds with
        | Some list -> list.Split ','
        | None -> [||]

    let runs =
        Terminal.watch (fun progress -> NnunetImport.Run(source, folds, arguments.GetResult Run, progress))

    for run in runs do
        printfn "%s" run

    ExitCode.Done

/// The command.
let command =
    Command.create
        "import"
        "Make a run of a network that another program trained"
        "Makes a run of each fold of an nnU-Net configuration: its network, weights, preprocessing and labels. Checkpoints are
read as data; no code in them is run."
        "kneeseg import nnUNet_results/Dataset042_Knee/nnUNetTrainer__nnUNetPlans__3d_fullres --run runs/nnunet
        kneeseg import nnUNet_results/Dataset042_Knee/nnUNetTrainer__nnUNetPlans__3d_fullres --folds 0 --run runs/fold"
        run
