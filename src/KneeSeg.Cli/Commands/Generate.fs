/// `kneeseg generate`: synthesizes images from labels.
module KneeSeg.Cli.Commands.Generate

open System.IO
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Data
open KneeSeg.Data.Augmenting
open KneeSeg.Data.Datasets

/// The arguments.
type Arguments =
    | [<MainCommand; ExactlyOnce; Last>] Labels of LABELS: string list
    | [<Mandatory>] Out of DIR: string
    | Contrasts of N: int
    | Profile of NAME: string
    | Seed of S: int

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Labels _ -> "a dataset, or label volumes and folders of them"
            | Out _ -> "folder for the new dataset"
            | Contrasts _ -> "images of each label volume (default: 1)"
            | Profile _ -> "label map of label volumes without a dataset: iwoai (default), skm-tea or oai-zib"
            | Seed _ -> "seed of the contrasts (default: 1); the same seed gives the same images"

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let contrasts = arguments.GetResult(Contrasts, 1)

    if contrasts < 1 then
        Fail.usage "--contrasts" $"{contrasts} is not a number of images" "Write 1 or more"

    let source =
        match arguments.GetResult Labels with
        | [ folder ] when DatasetFolder.Exists folder -> DatasetFolder.Open [| folder |]
        | paths -> LabelVolumes.Find(paths, arguments.GetResult(Profile, "iwoai"))

    let dataset =
        Terminal.watch (fun progress ->
            SyntheticSet.Write(
                source,
                arguments.GetResult Out,
                contrasts,
                int64 (arguments.GetResult(Seed, 1)),
                Terminal.cases progress "synthesizing images",
                (fun warning -> progress.Say warning)
            ))

    printfn
        "%s: %d images of %d label volumes"
        dataset.Folder
        dataset.Cases.Count
        (dataset.Cases.Count / contrasts)

    ExitCode.Done

/// The command.
let command =
    Command.create
        "generate"
        "Synthesize images from labels"
        "Writes a dataset of images that are synthesized from labels, each with another contrast, resolution, coil bias and noise
(SynthSeg, Billot et al. 2023). A network that is trained on them has to know shapes, not intensities.
Training does the same without files: --set synthetic=1."
        "kneeseg generate knees --contrasts 5 --out contrasts
        kneeseg generate labels/*.nii.gz --profile oai-zib --out contrasts"
        run
