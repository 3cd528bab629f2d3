/// `kneeseg train`: trains a network on a dataset.
module KneeSeg.Cli.Commands.Train

open System.IO
open System.Runtime.InteropServices
open System.Threading
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Cli.TrainingArguments
open KneeSeg.Experiments
open KneeSeg.Experiments.Planning
open KneeSeg.Training.Parallel

/// The exit code of a program that SIGTERM ended, which launchers send.
[<Literal>]
let private terminated = 143

/// The arguments.
type Arguments =
    | [<MainCommand; Unique>] Spec of SPEC: string
    | Auto
    | Time of DURATION: string
    | [<Mandatory>] Data of DATA: string
    | [<Mandatory>] Run of DIR: string
    | Recipe of NAME_or_FILE: string
    | Patch of DxHxW: string
    | Epochs of N: int
    | Seed of S: int
    | Device of NAME: string
    | Precision of PrecisionChoice
    | Kernels of KernelsChoice
    | Memory of SIZE: string
    | Set of FIELD_VALUE: string
    | Init_From of RUN: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Spec _ -> Usage.spec
            | Auto -> "plan the network and its recipe first, into DIR/plan, unless there is a plan already"
            | Time _ -> "time for training, with --auto (default: 2h)"
            | Data _ -> Usage.data
            | Run _ -> "run folder; an existing run is resumed"
            | Recipe _ -> Usage.recipe
            | Patch _ -> Usage.patch
            | Epochs _ -> Usage.epochs
            | Seed _ -> Usage.seed
            | Device _ -> Usage.device
            | Precision _ -> Usage.precision
            | Kernels _ -> Usage.kernels
            | Memory _ -> Usage.memory
            | Set _ -> Usage.set
            | Init_From _ -> "initialize the weights that match from another run"

[<DllImport("libc")>]
extern void private _exit(int code)

/// The folder of the run's plan, which is made unless there is one: a resumed run has the same network and recipe.
let private planned (arguments: ParseResults<Arguments>) cancel =
    let plan = Path.Combine(arguments.GetResult Run, "plan")

    if isNull (PlanFolder.NetworkOf plan) then
        let request =
            PlanRequest(
                ResizeArray(arguments.GetResults Data),
                plan,
                (arguments.TryGetResult Memory
                 |> Option.map (MemorySize.parse "--memory")
                 |> Option.toNullable),
                (arguments.TryGetResult Time
                 |> Option.map (Duration.parse "--time")
                 |> Option.toNullable)
            )

        Terminal.watch (fun progress -> PlanJob.Run(request, progress, cancel))

    plan

let private spec (arguments: ParseResults<Arguments>) (ranks: Ranks) cancel =
    match arguments.TryGetResult Spec, arguments.Contains Auto with
    | Some spec, false when arguments.Contains Time ->
        Fail.usage "--time" "only a plan has a time" $"Use --epochs, or --auto in place of {spec}"
    | Some spec, false -> spec
    | None, true when ranks.Count > 1 ->
        Fail.usage
            "--auto"
            "plans in one process"
            "Run kneeseg plan first, then train its folder by several ranks"
    | None, true -> planned arguments cancel
    | Some spec, true ->
        Fail.usage "--auto" $"plans a network, but {spec} is given" $"Remove --auto, or {spec}"
    | None, false -> Fail.usage "kneeseg train" "no network" "Give one, such as unet3d+small, or --auto"

/// A launcher that ends all ranks gives them about a second, and a step may take longer. What was registered later, which
/// saves the state, is called before.
let private leaveAtOnce (ranks: Ranks) (cancel: CancellationToken) =
    if ranks.Count > 1 then
        cancel.Register(fun () ->
            Temporary.DeleteAll()
            _exit terminated)
        |> ignore

let private train (arguments: ParseResults<Arguments>) (ranks: Ranks) cancel =
    leaveAtOnce ranks cancel

    let request =
        ranks.Together(fun () ->
            request {
                Spec = spec arguments ranks cancel
                Data = arguments.GetResults Data
                Folder = arguments.GetResult Run
                Recipe = arguments.TryGetResult Recipe
                Patch = arguments.GetResults Patch
                Epochs = arguments.GetResults Epochs
                Seed = arguments.GetResults Seed
                Device = arguments.TryGetResult Device
                Precision = arguments.TryGetResult Precision
                Kernels = arguments.TryGetResult Kernels
                Memory = arguments.TryGetResult Memory
                Set = arguments.GetResults Set
                InitFrom = arguments.TryGetResult Init_From
                Ranks = ranks
            })

    Terminal.watch (fun progress -> TrainingJob.Run(request, progress, cancel))

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    try
        let (result, isFirst), signal =
            Terminal.interruptible (fun cancel ->
                use ranks = Ranks.Join cancel
                train arguments ranks cancel, ranks.IsFirst)

        match result.Finished, isFirst with
        | true, true ->
            printfn "trained: %s" result.Run.Root
            ExitCode.Done
        | true, false -> ExitCode.Done
        | false, true -> Fail.interrupted signal
        | false, false -> ValueOption.defaultValue ExitCode.Fault signal
    with :? ReportedByFirstRankException as ended ->
        ended.Exit

/// The command.
let command =
    Command.create
        "train"
        "Train a network on a dataset"
        "Trains a network and writes checkpoints, the log and TensorBoard events to the run folder. Rerun the same command to
resume exactly, even after a power cut."
        "kneeseg train unet3d+small --data knees --run runs/first
        kneeseg train vnet --data knees --run runs/published --recipe published-vnet --patch 64x64x64
        kneeseg train unet3d+small --data others --run runs/second --init-from runs/first
        kneeseg train plan --data knees --run runs/planned
        kneeseg train --auto --time 30m --data knees --run runs/auto
        kneeseg train my-network.fsx --data knees --run runs/mine --patch 32x64x64 --epochs 40 --set stepsPerEpoch=20"
        run
