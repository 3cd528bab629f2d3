/// `kneeseg tune-postprocessing`: selects postprocessing rules for a run.
module KneeSeg.Cli.Commands.TunePostprocessing

open System.IO
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Experiments
open KneeSeg.Inference
open KneeSeg.Inference.LabelRules
open KneeSeg.Torch

/// The arguments.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Run of RUN: string
    | [<Mandatory>] Data of DATA: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Run _ -> "run folder, or a folder of runs"
            | Data _ -> "dataset that it was trained on; can be repeated"

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let folder = arguments.GetResult Run
    let struct (runs, _) = RunSet.Find [| folder |]

    let selected, signal =
        Terminal.interruptible (fun cancel ->
            Terminal.watch (fun progress ->
                use predictor =
                    Predictor.Open(runs, Precision.Auto, DeviceChoice.Resolve "cpu", progress)

                PostprocessingSearch.Run(
                    predictor,
                    folder,
                    ResizeArray(arguments.GetResults Data),
                    progress,
                    cancel
                )))

    if signal.IsNone then
        Output.table [ "label", false; "rule", false; "Dice before", true; "after", true ] [
            if selected.Anatomy.Before.HasValue then
                [
                    "all"
                    (if selected.Anatomy.IsSelected then
                         "each structure on its side"
                     else
                         "–")
                    Output.decimal 4 selected.Anatomy.Before
                    Output.decimal 4 selected.Anatomy.After
                ]

            for one in selected.Labels do
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
        "tune-postprocessing"
        "Select postprocessing rules on the validation cases"
        "Predicts the validation cases and tries rules: each structure on its side of the joint, then for each label keep the largest
component, remove small components, fill holes. Rules that raise the mean Dice are saved in the run folder, and predict applies them from then on."
        "kneeseg tune-postprocessing runs/first --data knees"
        run
