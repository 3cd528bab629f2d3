/// `kneeseg postprocess`: which post-processing helps a run.
module KneeSeg.Cli.Commands.Postprocess

open System.IO
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Experiments
open KneeSeg.Inference
open KneeSeg.Torch

/// What it takes.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Run of RUN: string
    | [<Mandatory>] Data of DATA: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Run _ -> "the run's folder, or a folder of runs"
            | Data _ -> "the data set that it was trained on"

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let folder = arguments.GetResult Run
    let struct (runs, _) = RunSet.Find [| folder |]

    let learned, signal =
        Screen.interruptible (fun cancel ->
            Screen.watch (fun screen ->
                use predictor =
                    Predictor.Open(runs, Precision.Auto, DeviceChoice.Resolve "cpu", screen)

                PostprocessingSearch.Run(predictor, folder, arguments.GetResult Data, screen, cancel)))

    if signal.IsNone then
        Output.table [ "label", false; "rule", false; "Dice", true; "with it", true ] [
            for one in learned ->
                [
                    one.Label
                    (match one.Rule with
                     | null -> "–"
                     | rule -> string rule)
                    Output.decimal 4 one.Before
                    Output.decimal 4 one.After
                ]
        ]

        printfn ""
        printfn "%s" (Path.Combine(folder, Postprocessing.FileName))

    ValueOption.defaultValue ExitCode.Done signal

/// The command.
let command =
    Command.create
        "postprocess"
        "learns which post-processing helps a run"
        "Predicts the validation cases and tries rules on each label: only the largest part, no parts under some mm³, no
holes. What raises the label's mean Dice is kept in the run's folder, and predict applies it from then on."
        "kneeseg postprocess runs/first --data knees"
        run
