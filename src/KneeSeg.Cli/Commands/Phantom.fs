/// `kneeseg phantom`: generates a synthetic dataset.
module KneeSeg.Cli.Commands.Phantom

open System
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Data
open KneeSeg.Data.Datasets
open KneeSeg.Data.Phantoms

/// File formats of the cases.
type Format =
    | Nifti
    | MetaImage
    | Iwoai

/// The arguments.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Folder of DIR: string
    | Count of N: int
    | Size of DxHxW: string
    | Seed of S: int
    | Format of Format
    | Contrast of NAME: string
    | Channels of NAMES: string
    | Structures of NAMES: string
    | Visits of N: int
    | Scans of N: int
    | Thinning of CHANGE: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Folder _ -> "folder for the dataset"
            | Count _ -> "number of cases (default: 12)"
            | Size _ -> "size in voxels (default: 48x96x96)"
            | Seed _ -> "seed of the first case (default: 1); the same seed gives the same data"
            | Format _ -> "file format (default: nifti)"
            | Contrast _ -> "contrast of the images: dess (default), t2 or t1"
            | Channels _ -> "several images of each knee, named by their contrasts, such as dess,t2"
            | Structures _ ->
                "label only these, numbered in this order, as \"femoral cartilage, patellar cartilage\" (default: all)"
            | Visits _ ->
                "visits of each knee, in another pose and with other noise; writes visits.csv and truth.json"
            | Scans _ -> "scans of each visit, of which all but the first are repeats (default: 1)"
            | Thinning _ ->
                "what the cartilage loses from visit to visit in mm: 0.1 of all, MT=0.1 of a plate, cMT=0.3 of a subregion, cMT=lesion:5 a full-thickness lesion of that radius, with commas between; negative for growth; or mixed"

let private channels (text: string) =
    let all =
        text.Split(',', StringSplitOptions.TrimEntries)
        |> Array.map PhantomSet.ContrastOf

    if Array.distinct all <> all then
        Fail.usage "--channels" $"{text} has a contrast twice" "List each contrast once"

    all

let private visits (arguments: ParseResults<Arguments>) =
    let thinning = arguments.TryGetResult Thinning |> Option.map PhantomThinning.Parse

    match arguments.TryGetResult Visits, arguments.TryGetResult Scans, thinning with
    | None, None, None -> null
    | visits, scans, thinning ->
        PhantomVisits(
            defaultArg visits (if thinning.IsSome then 2 else 1),
            defaultArg scans 1,
            defaultArg thinning PhantomThinning.None
        )

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let folder = arguments.GetResult Folder

    let size =
        match Size.parse "--size" (arguments.GetResult(Size, "48x96x96")) with
        | [| depth; height; width |] -> ModelSize(depth, height, width)
        | _ -> Fail.usage "--size" "expected three axes" "Write depth, height and width as 48x96x96"

    let format =
        match arguments.GetResult(Format, Nifti) with
        | Nifti -> VolumeFormat.Nifti
        | MetaImage -> VolumeFormat.MetaImage
        | Iwoai -> VolumeFormat.Iwoai

    let structures =
        arguments.TryGetResult Structures
        |> Option.map (fun names -> names.Split(',', StringSplitOptions.TrimEntries))
        |> Option.toObj

    if arguments.Contains Contrast && arguments.Contains Channels then
        Fail.usage "--contrast" "--channels names the contrasts, too" "Give one of them"

    let dataset =
        Terminal.watch (fun progress ->
            PhantomSet.Write(
                folder,
                arguments.GetResult(Count, 12),
                size,
                int64 (arguments.GetResult(Seed, 1)),
                format,
                structures,
                Terminal.cases progress "generating cases",
                channels = (arguments.TryGetResult Channels |> Option.map channels |> Option.toObj),
                contrast = PhantomSet.ContrastOf(arguments.GetResult(Contrast, "dess")),
                visits = visits arguments
            ))

    let cases split = dataset.In split |> Seq.length

    printfn
        "%s: %d cases of %O voxels (%d training, %d validation, %d test)"
        folder
        dataset.Cases.Count
        size
        (cases Split.Train)
        (cases Split.Validation)
        (cases Split.Test)

    ExitCode.Done

/// The command.
let command =
    Command.create
        "phantom"
        "Generate a synthetic dataset"
        "Generates synthetic knee MRI with labels of seven classes, and a dataset.json with training, validation and test splits.
For tests and tutorials: the images resemble MRI, but do not come from patients."
        "kneeseg phantom knees --count 20 --size 64x128x128
        kneeseg phantom knees --format iwoai --seed 100
        kneeseg phantom knees --channels dess,t2
        kneeseg phantom pairs --visits 2 --thinning ccMF=0.4,MT=0.1
        kneeseg phantom others --seed 200 --structures \"patellar cartilage, femoral cartilage\""
        run
