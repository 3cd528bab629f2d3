/// `kneeseg import`: weights of other programs become a run.
module KneeSeg.Cli.Commands.Import

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Cli.TrainingArguments
open KneeSeg.Dsl
open KneeSeg.Experiments.Import
open KneeSeg.Runs.Nnunet

/// The arguments.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Checkpoint of CHECKPOINT: string
    | Spec of SPEC: string
    | [<Mandatory>] Run of DIR: string
    | Data of DATA: string
    | Labels of NAMES: string
    | Patch of DxHxW: string
    | Recipe of NAME_or_FILE: string
    | Set of FIELD_VALUE: string
    | Keys of FILE: string
    | Folds of LIST: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Checkpoint _ ->
                "safetensors file, or PyTorch's .pth, .pt, .ckpt or .bin; or the folder TRAINER__PLANS__CONFIGURATION of nnU-Net's results"
            | Spec _ -> "the network that was trained: " + Usage.spec
            | Run _ -> "folder of the new run; of several folds, of their runs"
            | Data _ ->
                "dataset with the labels, channels and voxel spacing of the images that it was trained on"
            | Labels _ ->
                "instead: iwoai, skm-tea, oai-zib, or names in the order of their numbers, as background,femur"
            | Patch _ -> "window size (default: 64x64x64, or 288x288 in 2D)"
            | Recipe _ -> "recipe name or .json file with the preprocessing"
            | Set _ -> "set a recipe field, as spacing=0.7x0.4x0.4 or intensity=zscore; can be repeated"
            | Keys _ -> "text file that matches layers; a proposal is written where there is none"
            | Folds _ -> "folds of nnU-Net's results, as 0,2 (default: all of the cross-validation)"

/// nnU-Net's results say what other checkpoints do not.
let private importFolds (arguments: ParseResults<Arguments>) folder : ExitCode =
    let isNeedless argument =
        match argument with
        | Checkpoint _
        | Run _
        | Folds _ -> false
        | _ -> true

    if List.exists isNeedless (arguments.GetAllResults()) then
        Fail.usage
            $"kneeseg import {folder}"
            "plans.json and dataset.json tell network, labels and preprocessing"
            "Omit all flags but --run and --folds"

    let folds =
        match arguments.TryGetResult Folds with
        | Some list -> list.Split ','
        | None -> [||]

    let runs =
        Terminal.watch (fun progress -> NnunetImport.Run(folder, folds, arguments.GetResult Run, progress))

    for run in runs do
        printfn "imported: %s" run

    ExitCode.Done

let private importFile (arguments: ParseResults<Arguments>) : ExitCode =
    let recipe =
        RecipeChoice.recipe (arguments.TryGetResult Recipe) [
            for patch in arguments.GetResults Patch -> $"patch={patch}"
            yield! arguments.GetResults Set
        ]

    let spec =
        match arguments.TryGetResult Spec with
        | Some spec -> spec
        | None ->
            Fail.usage
                "kneeseg import"
                "a checkpoint does not tell which network it is of"
                "Give --spec; of nnU-Net's results, import the folder with plans.json instead of a checkpoint"

    let folder = arguments.GetResult Run

    let request =
        ImportRequest(
            arguments.GetResult Checkpoint,
            NetworkSpec(SpecFile.network spec),
            recipe,
            folder,
            Data = Option.toObj (arguments.TryGetResult Data),
            Labels = Option.toObj (arguments.TryGetResult Labels),
            Keys = Option.toObj (arguments.TryGetResult Keys)
        )

    Terminal.watch (fun progress -> CheckpointImport.Run(request, progress))
    printfn "imported: %s" folder
    ExitCode.Done

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let source = arguments.GetResult Checkpoint

    if NnunetPlans.AreIn source then
        importFolds arguments source
    else
        importFile arguments

/// The command.
let command =
    Command.create
        "import"
        "Make a run of weights that another program trained"
        "Reads a checkpoint of PyTorch as data, without running any of it, and makes a run that predicts, and that --init-from
takes. The layers are found by the names of nnU-Net, MONAI, segmentation_models.pytorch and pytorch-3dunet. For other
names a match is proposed by order and shape, and used once you have checked it in a file. The results of nnU-Net need
no more than their folder: each fold becomes a run, with nnU-Net's preprocessing."
        "kneeseg import model.pth --spec mine.fsx --data knees --run runs/imported
        kneeseg import model.safetensors --spec unet3d --labels oai-zib --set spacing=0.7x0.4x0.4 --run runs/imported
        kneeseg import model.pth --spec mine.fsx --data knees --keys keys.txt --run runs/imported
        kneeseg import nnUNet_results/Dataset042_Knee/nnUNetTrainer__nnUNetPlans__3d_fullres --run runs/nnunet"
        run
