/// `kneeseg predict`: labels for images.
module KneeSeg.Cli.Commands.Predict

open System
open System.IO
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Inference
open KneeSeg.Torch

/// Formats of predicted volumes.
type Format =
    | Nifti
    | MetaImage
    | Numpy
    | Same

/// What it takes.
type Arguments =
    | [<MainCommand; Mandatory>] Paths of RUN_INPUT: string list
    | [<Mandatory>] Out of DIR: string
    | Exact
    | Flips
    | Postprocess of FILE_or_none: string
    | Format of Format
    | Probabilities
    | Uncertainty
    | Roi of MM: float
    | Memory of SIZE: string
    | Precision of Numbers
    | Device of DEVICE: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Paths _ ->
                "the run's folder, or several for an ensemble, then images, folders of images or data sets"
            | Out _ -> "folder for the label volumes, ID.nii.gz each"
            | Exact -> "in tiles that answer as the whole image at once, instead of in overlapping windows"
            | Flips -> "mirrored, too, where the training's data set allows it, and averaged"
            | Postprocess _ ->
                "rules for the labels; the run's own postprocessing.json unless given, none for none"
            | Format _ -> "nifti, metaimage, numpy, or same for each image's own; nifti unless given"
            | Probabilities -> "also a volume for each tissue with its probability, in DIR/probabilities"
            | Uncertainty -> "also a volume with the entropy of each voxel, 0 to 1, in DIR/uncertainty"
            | Roi _ -> "also image and labels cut to the tissue and so many mm around, as arrays in DIR/roi"
            | Memory _ -> "the most that predicting may take, such as 2G; what is free unless given"
            | Precision _ -> "auto, fp32 or bf16; auto unless given"
            | Device _ -> "cpu or cuda; cpu unless given"

let private postprocessing (arguments: ParseResults<Arguments>) run profile =
    match arguments.TryGetResult Postprocess with
    | Some "none" -> Postprocessing.None
    | Some file -> Postprocessing.Load(file, profile)
    | None ->
        let own = Path.Combine(run, Postprocessing.FileName)

        if File.Exists own then
            Postprocessing.Load(own, profile)
        else
            Postprocessing.None

let private output (arguments: ParseResults<Arguments>) =
    let format =
        match arguments.GetResult(Format, Nifti) with
        | Nifti -> OutputFormat.Nifti
        | MetaImage -> OutputFormat.MetaImage
        | Numpy -> OutputFormat.Numpy
        | Same -> OutputFormat.Same

    PredictionOutput(
        format,
        arguments.Contains Probabilities,
        arguments.Contains Uncertainty,
        arguments.TryGetResult Roi |> Option.toNullable
    )

let private mode (arguments: ParseResults<Arguments>) =
    let memory =
        arguments.TryGetResult Memory
        |> Option.map (Bytes.parse "--memory")
        |> Option.toNullable

    PredictionMode(arguments.Contains Exact, arguments.Contains Flips, memory)

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    // Before and after options.
    let paths = arguments.GetResults Paths |> List.concat
    let struct (runs, others) = RunSet.Find(ResizeArray paths)

    if others.Count = 0 then
        Stop.usage "kneeseg predict" "no image is named" "Write kneeseg predict RUN IMAGE… --out DIR"

    let images = PredictionInput.Find others
    let device = DeviceChoice.Resolve(arguments.GetResult(Device, "cpu"))

    let summary, signal =
        Screen.interruptible (fun cancel ->
            Screen.watch (fun screen ->
                use predictor =
                    Predictor.Open(
                        runs,
                        Numbers.precision (arguments.GetResult(Precision, Auto)),
                        device,
                        screen,
                        mode arguments
                    )

                let rules = postprocessing arguments (List.head paths) predictor.Profile

                let request =
                    PredictionRequest(images, arguments.GetResult Out, output arguments, rules)

                PredictionJob.Run(predictor, request, screen, cancel)))

    for problem in summary.Problems do
        Stop.tell problem

    printfn
        "%s: %d predicted, %d there before, %d failed"
        (arguments.GetResult Out)
        summary.Predicted
        summary.Skipped
        summary.Problems.Count

    for what, changes in summary.Changes |> Seq.groupBy (fun change -> change.Label, change.What) do
        printfn
            "  %s: %s %d times, %s mm³ in all"
            (fst what)
            (snd what)
            (Seq.length changes)
            (Output.decimal 1 (Nullable(changes |> Seq.sumBy _.Volume)))

    ValueOption.defaultValue summary.Exit signal

/// The command.
let command =
    Command.create
        "predict"
        "labels images with a trained network"
        "Labels images with a run's best network, or with several runs' as an ensemble (a folder of folds counts as all of
them). Each result lies on its image's own grid, whatever its spacing, orientation and size. Images that are done are
skipped, and those that changed since are predicted again. Several processes may predict into one folder."
        "kneeseg predict runs/first knee.nii.gz --out labels
        kneeseg predict runs/first knees --out labels --flips --uncertainty
        kneeseg predict runs/a runs/b knees --out labels    (an ensemble)"
        run
