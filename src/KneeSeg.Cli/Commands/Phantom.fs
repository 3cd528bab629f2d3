/// `kneeseg phantom`: synthetic knees with labels.
module KneeSeg.Cli.Commands.Phantom

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Data

/// The files a phantom is written as.
type Format =
    | Nifti
    | MetaImage
    | Iwoai

/// What it takes.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Folder of DIR: string
    | Count of N: int
    | Size of DxHxW: string
    | Seed of S: int
    | Format of Format

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Folder _ -> "where the data set is made"
            | Count _ -> "knees; 12 unless given"
            | Size _ -> "voxels of each; 48x96x96 unless given"
            | Seed _ -> "number of the first knee, 1 unless given; the same seed makes the same knees"
            | Format _ -> "files to write; nifti unless given"

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let folder = arguments.GetResult Folder

    let size =
        match Size.parse "--size" (arguments.GetResult(Size, "48x96x96")) with
        | [| depth; height; width |] -> ModelSize(depth, height, width)
        | _ -> Stop.usage "--size" "a knee has three axes" "Write depth, height and width as 48x96x96"

    let format =
        match arguments.GetResult(Format, Nifti) with
        | Nifti -> VolumeFormat.Nifti
        | MetaImage -> VolumeFormat.MetaImage
        | Iwoai -> VolumeFormat.Iwoai

    let made =
        Screen.watch (fun screen ->
            PhantomSet.Write(
                folder,
                arguments.GetResult(Count, 12),
                size,
                int64 (arguments.GetResult(Seed, 1)),
                format,
                Screen.cases screen "making knees"
            ))

    let cases split = made.In split |> Seq.length

    printfn
        "%s: %d knees of %O voxels, %d for training, %d for validation, %d for testing"
        folder
        made.Cases.Count
        size
        (cases Split.Train)
        (cases Split.Validation)
        (cases Split.Test)

    ExitCode.Done

/// The command.
let command =
    Command.create
        "phantom"
        "makes synthetic knees with labels"
        "Makes a data set of synthetic knees: images, label volumes of seven classes, and dataset.json with training,
validation and test cases. They look like MRI to a network, and are no real knees."
        "kneeseg phantom knees --count 20 --size 64x128x128
        kneeseg phantom knees --format iwoai --seed 100"
        run
