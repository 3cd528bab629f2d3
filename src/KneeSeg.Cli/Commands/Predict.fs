/// `kneeseg predict`: segments images.
module KneeSeg.Cli.Commands.Predict

open System
open System.Collections.Generic
open System.IO
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Experiments
open KneeSeg.Data.Validation
open KneeSeg.Inference
open KneeSeg.Inference.Files
open KneeSeg.Inference.LabelRules
open KneeSeg.Runs
open KneeSeg.Torch

/// So many cases with quality flags are printed; predictions.json has them all.
let private mostFlagged = 20

/// Formats of predicted volumes.
type Format =
    | Nifti
    | MetaImage
    | Numpy
    | Same
    | [<CustomCommandLine("dicom-seg")>] DicomSeg

/// What computes the networks.
type EngineChoice =
    | Torch
    | Onnx

/// The arguments.
type Arguments =
    | [<MainCommand; Mandatory>] Paths of RUN_INPUT: string list
    | [<Mandatory>] Out of DIR: string
    | Exact
    | Tta
    | Postprocess of FILE_anatomy_or_none: string
    | Format of Format
    | Probabilities
    | Uncertainty
    | [<CustomCommandLine("--output")>] Named of NAME: string
    | Roi of MM: float
    | Map of NAME_FILE: string
    | Memory of SIZE: string
    | Precision of PrecisionChoice
    | Kernels of KernelsChoice
    | Engine of EngineChoice
    | Device of DEVICE: string
    | Shard of I_of_N: string
    | Gather
    | Slurm
    | Partition of NAME: string
    | Time of LIMIT: string
    | Cpus of N: int
    | Mem of SIZE: string
    | Max of N: int
    | Account of NAME: string
    | Dry_Run

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Paths _ ->
                "run folder or exported model, or several for an ensemble, followed by images, folders of images or datasets; an image of several channels is NAME=FILE,NAME=FILE"
            | Out _ -> "folder for the label volumes (ID.nii.gz)"
            | Exact ->
                "exact tiling: equal to predicting the whole image at once, instead of blending overlapping windows"
            | Tta -> "test-time augmentation: average over the flips that the training dataset's labels allow"
            | Postprocess _ ->
                "postprocessing rules; anatomy, for each structure on its side alone; or none (default: postprocessing.json of the run, if any)"
            | Format _ ->
                "output format; same keeps the format of each image, dicom-seg writes DICOM Segmentation objects for DICOM series (default: nifti)"
            | Probabilities -> "also write a probability map for each label to DIR/probabilities"
            | Uncertainty -> "also write the entropy of each voxel, from 0 to 1, to DIR/uncertainty"
            | Named _ ->
                "also write this output of the network to DIR/outputs: maps, or numbers of the whole image; can be repeated"
            | Roi _ ->
                "also write image and labels, cropped to the labels plus this margin in mm, as arrays to DIR/roi"
            | Map _ ->
                "also measure this map, such as t2=t2.nii.gz, within each structure of the image, to DIR/maps.csv; can be repeated"
            | Memory _ -> "memory limit, such as 2G (default: free memory)"
            | Precision _ ->
                "numeric precision (default: auto, which is bf16 where the processor multiplies it faster; ONNX Runtime has fp32)"
            | Kernels _ -> TrainingArguments.Usage.kernels
            | Engine _ ->
                "what computes: torch, or onnx for ONNX Runtime (default: torch for runs, onnx for exported models)"
            | Device _ -> "cpu or cuda (default: cpu)"
            | Shard _ -> SlurmArguments.Usage.shard
            | Gather -> SlurmArguments.Usage.gather
            | Slurm -> SlurmArguments.Usage.slurm
            | Partition _ -> SlurmArguments.Usage.partition
            | Time _ -> SlurmArguments.Usage.time
            | Cpus _ -> SlurmArguments.Usage.cpus
            | Mem _ -> SlurmArguments.Usage.mem
            | Max _ -> SlurmArguments.Usage.max
            | Account _ -> SlurmArguments.Usage.account
            | Dry_Run -> SlurmArguments.Usage.dryRun

let private postprocessing (arguments: ParseResults<Arguments>) run profile =
    match arguments.TryGetResult Postprocess with
    | Some "none" -> Postprocessing.None
    | Some "anatomy" -> Postprocessing.AnatomyAlone
    | Some file -> Postprocessing.Load(file, profile)
    | None -> RunSet.Postprocessing(run, profile)

let private output (arguments: ParseResults<Arguments>) =
    let format =
        match arguments.GetResult(Format, Nifti) with
        | Nifti -> OutputFormat.Nifti
        | MetaImage -> OutputFormat.MetaImage
        | Numpy -> OutputFormat.Numpy
        | Same -> OutputFormat.Same
        | DicomSeg -> OutputFormat.DicomSegmentation

    PredictionOutput(
        format,
        arguments.Contains Probabilities,
        arguments.Contains Uncertainty,
        arguments.TryGetResult Roi |> Option.toNullable,
        Named = ResizeArray(arguments.GetResults Named)
    )

let private mode (arguments: ParseResults<Arguments>) =
    let memory =
        arguments.TryGetResult Memory
        |> Option.map (MemorySize.parse "--memory")
        |> Option.toNullable

    let engine =
        match arguments.GetResult(Engine, Torch) with
        | Torch -> Engines.Engine.Torch
        | Onnx -> Engines.Engine.Onnx

    PredictionMode(
        arguments.Contains Exact,
        arguments.Contains Tta,
        memory,
        Engine = engine,
        Kernels = KernelsChoice.kernels (arguments.GetResult(Kernels, Own))
    )

/// ONNX Runtime finds the graphics card without libtorch.
let private device (arguments: ParseResults<Arguments>) (runs: IReadOnlyList<string>) =
    let models = runs |> Seq.filter _.EndsWith(".onnx") |> List.ofSeq

    if not models.IsEmpty && arguments.TryGetResult Engine = Some Torch then
        Fail.usage "--engine torch" $"{models.Head} is an ONNX model" "Omit --engine, or predict from the run"

    let name = arguments.GetResult(Device, "cpu")

    if models.Length = runs.Count || arguments.TryGetResult Engine = Some Onnx then
        DeviceChoice.Parse name
    else
        DeviceChoice.Resolve name

let private submission (arguments: ParseResults<Arguments>) =
    SlurmArguments.submission {
        Slurm = arguments.Contains Slurm
        Partition = arguments.TryGetResult Partition
        Time = arguments.TryGetResult Time
        Cpus = arguments.TryGetResult Cpus
        Mem = arguments.TryGetResult Mem
        Max = arguments.TryGetResult Max
        Account = arguments.TryGetResult Account
        DryRun = arguments.Contains Dry_Run
        Gpu = arguments.TryGetResult Device = Some "cuda"
        Others = [
            if arguments.Contains Shard then
                "--shard"
            if arguments.Contains Gather then
                "--gather"
        ]
    }

let private printFlags (flagged: IReadOnlyList<FlaggedCase>) all =
    if flagged.Count > 0 then
        printfn "%d of %d cases have quality flags, the worst first:" flagged.Count all

        for one in Seq.truncate mostFlagged flagged do
            printfn "  %s" one.Id

            for flag in one.Flags do
                printfn "    %s: %O" (string(flag.Severity).ToLowerInvariant()) flag

        if flagged.Count > mostFlagged then
            printfn "  and %d more, listed in predictions.json" (flagged.Count - mostFlagged)

/// Predicts a shard's images. Maps are measured in all that are predicted so far.
let private predict
    (arguments: ParseResults<Arguments>)
    (images: IReadOnlyList<PredictionInput>)
    device
    opened
    request
    =
    let own =
        match arguments.TryGetResult Shard |> Option.map SlurmArguments.shard with
        | Some shard ->
            images
            |> Seq.indexed
            |> Seq.filter (fst >> shard.Has)
            |> Seq.map snd
            |> ResizeArray
        | None -> ResizeArray images

    let (summary: PredictionSummary, maps), signal =
        Terminal.interruptible (fun cancel ->
            Terminal.watch (fun progress ->
                use predictor: Predictor = opened device progress
                let summary = PredictionJob.Run(predictor, request own predictor, progress, cancel)
                summary, MapJob.Predicted(arguments.GetResult Out, images, progress)))

    for problem in summary.Problems do
        Fail.show problem

    printfn
        "%s: %d predicted, %d skipped, %d failed"
        (arguments.GetResult Out)
        summary.Predicted
        summary.Skipped
        summary.Problems.Count

    for what, changes in summary.Changes |> Seq.groupBy (fun change -> change.Label, change.What) do
        printfn
            "  %s: %s in %d cases, %s mm³ in total"
            (fst what)
            (snd what)
            (Seq.length changes)
            (Output.decimal 1 (Nullable(changes |> Seq.sumBy _.Volume)))

    printFlags summary.Flagged (summary.Predicted + summary.Skipped)
    MapTable.print maps
    ValueOption.defaultValue summary.Exit signal

/// What tasks have predicted together.
let private gather out (images: IReadOnlyList<PredictionInput>) units =
    let files = PredictionFolder.LabelFiles out

    let flagged =
        PredictionFolder.Flagged [
            for image in images do
                match files.TryGetValue image.Id with
                | true, file -> struct (image.Id, file)
                | _ -> ()
        ]

    printfn "%s: %d of %d predicted" out flagged.Count images.Count
    printFlags (flagged |> Seq.filter (fun one -> one.Flags.Count > 0) |> ResizeArray) flagged.Count
    MapTable.print (Terminal.watch (fun progress -> MapJob.Predicted(out, images, progress)))
    SlurmArguments.checkDone out units
    ExitCode.Done

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    // Paths may stand before and after flags.
    let paths = arguments.GetResults Paths |> List.concat
    let struct (runs, others) = RunSet.Find(ResizeArray paths)

    if others.Count = 0 then
        Fail.usage "kneeseg predict" "no images given" "Write kneeseg predict RUN IMAGE… --out DIR"

    let images =
        PredictionInput.WithMaps(
            PredictionInput.Find(others, RunSet.Describe(runs[0]).Channels),
            MapTable.parse (arguments.GetResults Map)
        )

    MapJob.Check images

    let opened device progress =
        Predictor.Open(
            runs,
            PrecisionChoice.precision (arguments.GetResult(Precision, Auto)),
            device,
            progress,
            mode arguments
        )

    let request (images: IReadOnlyList<PredictionInput>) (predictor: Predictor) =
        let rules = postprocessing arguments (List.head paths) predictor.Profile
        PredictionRequest(images, arguments.GetResult Out, output arguments, rules)

    // A login node need not have the device.
    let units () =
        Terminal.watch (fun progress ->
            use predictor = opened (DeviceChoice.Resolve "cpu") progress
            WorkUnit.Of(PredictionJob.Forecast(predictor, request images predictor)))

    match submission arguments with
    | Some submission ->
        let words = arguments |> SlurmArguments.words "predict" SlurmArguments.flags
        SlurmArguments.submit submission (arguments.GetResult Out) words (units ()) ignore
    | None when arguments.Contains Gather -> gather (arguments.GetResult Out) images (units ())
    | None -> predict arguments images (device arguments runs) opened request

/// The command.
let command =
    Command.create
        "predict"
        "Segment images with a trained network"
        "Segments images with the best checkpoint of a run, or with an ensemble of several runs (a cross-validation folder counts
as all its folds) or of exported models. Labels are written on each image's own grid. Images that are already predicted are skipped unless
they changed. Several processes can predict into one folder; --slurm submits a task for each image to a cluster."
        "kneeseg predict runs/first knee.nii.gz --out labels
        kneeseg predict runs/first knees --out labels --tta --uncertainty
        kneeseg predict runs/a runs/b knees --out labels    (an ensemble)
        kneeseg predict knee.onnx knees --out labels        (a model that kneeseg export wrote)
        kneeseg predict runs/echoes echo1=first.nii.gz,echo2=second.nii.gz --out labels
        kneeseg predict runs/first knees --out labels --slurm --max 20"
        run
