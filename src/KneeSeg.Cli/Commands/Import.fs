/// `kneeseg import`: weights of other programs become a run.
module KneeSeg.Cli.Commands.Import

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Cli.TrainingArguments
open KneeSeg.Dsl
open KneeSeg.Experiments.Import

/// The arguments.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Checkpoint of CHECKPOINT: string
    | [<Mandatory>] Spec of SPEC: string
    | [<Mandatory>] Run of DIR: string
    | Data of DATA: string
    | Labels of NAMES: string
    | Patch of DxHxW: string
    | Recipe of NAME_or_FILE: string
    | Set of FIELD_VALUE: string
    | Keys of FILE: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Checkpoint _ -> "safetensors file, or PyTorch's .pth, .pt, .ckpt or .bin"
            | Spec _ -> "the network that was trained: " + Usage.spec
            | Run _ -> "folder of the new run"
            | Data _ ->
                "dataset with the labels, channels and voxel spacing of the images that it was trained on"
            | Labels _ ->
                "instead: iwoai, skm-tea, oai-zib, or names in the order of their numbers, as background,femur"
            | Patch _ -> "window size (default: 64x64x64, or 288x288 in 2D)"
            | Recipe _ -> "recipe name or .json file with the preprocessing"
            | Set _ -> "set a recipe field, as spacing=0.7x0.4x0.4 or intensity=zscore; can be repeated"
            | Keys _ -> "text file that matches layers; a proposal is written where there is none"

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let recipe =
        RecipeChoice.recipe (arguments.TryGetResult Recipe) [
            for patch in arguments.GetResults Patch -> $"patch={patch}"
            yield! arguments.GetResults Set
        ]

    let folder = arguments.GetResult Run

    let request =
        ImportRequest(
            arguments.GetResult Checkpoint,
            NetworkSpec(SpecFile.network (arguments.GetResult Spec)),
            recipe,
            folder,
            Data = Option.toObj (arguments.TryGetResult Data),
            Labels = Option.toObj (arguments.TryGetResult Labels),
            Keys = Option.toObj (arguments.TryGetResult Keys)
        )

    Terminal.watch (fun progress -> CheckpointImport.Run(request, progress))
    printfn "imported: %s" folder
    ExitCode.Done

/// The command.
let command =
    Command.create
        "import"
        "Make a run of weights that another program trained"
        "Reads a checkpoint of PyTorch as data, without running any of it, and makes a run that predicts, and that --init-from
takes. The layers are found by the names of nnU-Net, MONAI, segmentation_models.pytorch and pytorch-3dunet. For other
names a match is proposed by order and shape, and used once you have checked it in a file."
        "kneeseg import model.pth --spec mine.fsx --data knees --run runs/imported
        kneeseg import model.safetensors --spec unet3d --labels oai-zib --set spacing=0.7x0.4x0.4 --run runs/imported
        kneeseg import model.pth --spec mine.fsx --data knees --keys keys.txt --run runs/imported"
        run
