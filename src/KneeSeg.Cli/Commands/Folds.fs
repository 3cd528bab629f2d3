/// `kneeseg folds`: cross-validation by subject.
module KneeSeg.Cli.Commands.Folds

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Dsl
open KneeSeg.Experiments
open KneeSeg.Torch
open KneeSeg.Training

/// What it takes.
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
    | Precision of Numbers
    | Memory of SIZE: string
    | Set of FIELD_VALUE: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Spec _ -> "a network with variants, such as vnet+relative, or an .fsx or .json file"
            | Data _ -> "the data set: its folder or its dataset.json"
            | Out _ -> "folder for the folds' runs; one that exists is gone on with"
            | Folds _ -> "how many parts the subjects are dealt into; 5 unless given"
            | Recipe _ -> "how to train: a recipe's name or its .json file"
            | Patch _ -> "size of the patches the network sees"
            | Epochs _ -> "epochs to train"
            | Seed _ -> "seed of every random choice; 1 unless given"
            | Device _ -> "where to compute: cpu unless given, or cuda"
            | Precision _ -> "auto (unless given) takes bf16 where the processor has it"
            | Memory _ -> "the most that a step may take, such as 8G; what is free unless given"
            | Set _ -> "any field of the recipe, as stepsPerEpoch=20; may be given several times"

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let recipe =
        RecipeChoice.recipe (arguments.TryGetResult Recipe) [
            for patch in arguments.GetResults Patch -> $"patch={patch}"
            for epochs in arguments.GetResults Epochs -> $"epochs={epochs}"
            for seed in arguments.GetResults Seed -> $"seed={seed}"
            yield! arguments.GetResults Set
        ]

    let request =
        TrainingRequest(
            NetworkSpec(SpecFile.network (arguments.GetResult Spec)),
            arguments.GetResult Arguments.Data,
            arguments.GetResult Out,
            recipe,
            Numbers.precision (arguments.GetResult(Precision, Auto)),
            DeviceChoice.Resolve(arguments.GetResult(Device, "cpu")),
            Memory =
                (arguments.TryGetResult Memory
                 |> Option.map (Bytes.parse "--memory")
                 |> Option.toNullable)
        )

    let folds = arguments.GetResult(Folds, 5)

    match
        Screen.interruptible (fun cancel ->
            Screen.watch (fun screen -> CrossValidation.Run(request, folds, screen, cancel)))
    with
    | NonNull summary, _ ->
        Seq.iter Stop.tellFailed summary.Failed
        Scores.print summary

        if summary.Failed.Count = 0 then
            ExitCode.Done
        else
            ExitCode.Data
    | Null, signal -> Stop.interrupted signal

/// The command.
let command =
    Command.create
        "folds"
        "cross-validation by subject"
        "Deals the subjects for training and validation into parts, trains a network without each part, predicts the part with
it and measures all cases together. The cases for testing stay out. The folder is an ensemble for predict."
        "kneeseg folds unet3d+small --data knees --out folds
        kneeseg folds vnet --data knees --out three --folds 3 --patch 32x64x64 --epochs 20
        kneeseg predict folds knees --out labels"
        run
