/// `kneeseg cross-validate`: k-fold cross-validation by subject.
module KneeSeg.Cli.Commands.CrossValidate

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Cli.TrainingArguments
open KneeSeg.Experiments

/// The arguments.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Spec of SPEC: string
    | [<Mandatory>] Data of DATA: string
    | [<Mandatory>] Out of DIR: string
    | Folds of K: int
    | Recipe of NAME_or_FILE: string
    | Patch of DxHxW: string
    | Epochs of N: int
    | Seed of S: int
    | Device of NAME: string
    | Precision of PrecisionChoice
    | Memory of SIZE: string
    | Set of FIELD_VALUE: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Spec _ -> Usage.spec
            | Data _ -> Usage.data
            | Out _ -> "folder for the runs of all folds; existing runs are resumed"
            | Folds _ -> "number of folds (default: 5)"
            | Recipe _ -> Usage.recipe
            | Patch _ -> Usage.patch
            | Epochs _ -> Usage.epochs
            | Seed _ -> Usage.seed
            | Device _ -> Usage.device
            | Precision _ -> Usage.precision
            | Memory _ -> Usage.memory
            | Set _ -> Usage.set

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let request =
        request {
            Spec = arguments.GetResult Spec
            Data = arguments.GetResults Data
            Folder = arguments.GetResult Out
            Recipe = arguments.TryGetResult Recipe
            Patch = arguments.GetResults Patch
            Epochs = arguments.GetResults Epochs
            Seed = arguments.GetResults Seed
            Device = arguments.TryGetResult Device
            Precision = arguments.TryGetResult Precision
            Memory = arguments.TryGetResult Memory
            Set = arguments.GetResults Set
            // Its weights may have been trained on a held-out case.
            InitFrom = None
        }

    let folds = arguments.GetResult(Folds, 5)

    match
        Terminal.interruptible (fun cancel ->
            Terminal.watch (fun progress -> CrossValidation.Run(request, folds, progress, cancel)))
    with
    | NonNull summary, _ ->
        Seq.iter Fail.showCase summary.Failed
        EvaluationTable.print summary

        if summary.Failed.Count = 0 then
            ExitCode.Done
        else
            ExitCode.Data
    | Null, signal -> Fail.interrupted signal

/// The command.
let command =
    Command.create
        "cross-validate"
        "Train and evaluate with k-fold cross-validation"
        "Splits the training and validation subjects into folds, trains one network per fold, predicts each fold with the
network that has not seen it, and evaluates all cases together. Test cases are not used. The output folder can be used
as an ensemble by predict."
        "kneeseg cross-validate unet3d+small --data knees --out folds
        kneeseg cross-validate vnet --data knees --out three --folds 3 --patch 32x64x64 --epochs 20
        kneeseg predict folds knees --out labels"
        run
