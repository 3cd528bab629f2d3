/// `kneeseg predict`: labels for images.
module KneeSeg.Cli.Commands.Predict

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Inference
open KneeSeg.Torch

/// What it takes.
type Arguments =
    | [<MainCommand; Mandatory>] Paths of RUN_INPUT: string list
    | [<Mandatory>] Out of DIR: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Paths _ -> "the run's folder, then images, folders of images or data sets"
            | Out _ -> "folder for the label volumes, ID.nii.gz each"

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    match arguments.GetResult Paths with
    | []
    | [ _ ] -> Stop.usage "kneeseg predict" "no image is named" "Write kneeseg predict RUN IMAGE… --out DIR"
    | run :: inputs ->
        let images = PredictionInput.Find inputs

        let summary, signal =
            Screen.interruptible (fun cancel ->
                Screen.watch (fun screen ->
                    use predictor =
                        Predictor.Open(run, Precision.Auto, DeviceChoice.Resolve "cpu", screen)

                    Predict.Files(predictor, images, arguments.GetResult Out, screen, cancel)))

        for problem in summary.Problems do
            Stop.tell problem

        printfn
            "%s: %d predicted, %d there before, %d failed"
            (arguments.GetResult Out)
            summary.Predicted
            summary.Skipped
            summary.Problems.Count

        ValueOption.defaultValue summary.Exit signal

/// The command.
let command =
    Command.create
        "predict"
        "labels images with a trained network"
        "Labels images with a run's best network. Each result lies on its image's own grid, whatever its spacing,
orientation and size."
        "kneeseg predict runs/first knee.nii.gz --out labels
        kneeseg predict runs/first knees --out labels"
        run
