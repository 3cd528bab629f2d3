/// `kneeseg train`: trains a network on a data set.
module KneeSeg.Cli.Commands.Train

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Dsl
open KneeSeg.Torch
open KneeSeg.Experiments
open KneeSeg.Training

/// What it takes.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Spec of SPEC: string
    | [<Mandatory>] Data of DATA: string
    | [<Mandatory>] Run of DIR: string
    | Recipe of NAME_or_FILE: string
    | Patch of DxHxW: string
    | Epochs of N: int
    | Seed of S: int
    | Device of NAME: string
    | Precision of Numbers
    | Memory of SIZE: string
    | Set of FIELD_VALUE: string
    | From of RUN: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Spec _ -> "a network with variants, such as vnet+relative, or an .fsx or .json file"
            | Data _ -> "the data set: its folder or its dataset.json"
            | Run _ -> "the run's folder; one that exists is gone on with"
            | Recipe _ -> "how to train: a recipe's name or its .json file"
            | Patch _ -> "size of the patches the network sees"
            | Epochs _ -> "epochs to train"
            | Seed _ -> "seed of every random choice; 1 unless given"
            | Device _ -> "where to compute: cpu unless given, or cuda"
            | Precision _ -> "auto (unless given) takes bf16 where the processor has it"
            | Memory _ -> "the most that a step may take, such as 8G; what is free unless given"
            | Set _ -> "any field of the recipe, as stepsPerEpoch=20; may be given several times"
            | From _ -> "another run, whose weights a new run begins with where they fit"

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
            arguments.GetResult Arguments.Run,
            recipe,
            Numbers.precision (arguments.GetResult(Precision, Auto)),
            DeviceChoice.Resolve(arguments.GetResult(Device, "cpu")),
            Memory =
                (arguments.TryGetResult Memory
                 |> Option.map (Bytes.parse "--memory")
                 |> Option.toNullable),
            InitFrom = Option.toObj (arguments.TryGetResult From)
        )

    match
        Screen.interruptible (fun cancel ->
            Screen.watch (fun screen -> TrainingJob.Run(request, screen, cancel)))
    with
    | result, _ when result.Finished ->
        printfn "trained: %s" result.Run.Root
        ExitCode.Done
    | _, signal -> Stop.interrupted signal

/// The command.
let command =
    Command.create
        "train"
        "trains a network on a data set"
        "Trains a network and keeps checkpoints, a log and the curves in the run's folder. The same command again goes on
exactly where it stopped, also after the power failed."
        "kneeseg train unet3d+small --data knees --run runs/first
        kneeseg train vnet --data knees --run runs/published --recipe published-vnet --patch 64x64x64
        kneeseg train unet3d+small --data others --run runs/second --from runs/first
        kneeseg train my-network.fsx --data knees --run runs/mine --patch 32x64x64 --epochs 40 --set stepsPerEpoch=20"
        run
