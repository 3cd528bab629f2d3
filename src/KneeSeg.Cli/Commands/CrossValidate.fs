/// `kneeseg cross-validate`: k-fold cross-validation by subject.
module KneeSeg.Cli.Commands.CrossValidate

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Cli.TrainingArguments
open KneeSeg.Evaluation
open KneeSeg.Experiments
open KneeSeg.Training.Parallel

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
    | Kernels of KernelsChoice
    | Memory of SIZE: string
    | Set of FIELD_VALUE: string
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
            | Kernels _ -> Usage.kernels
            | Memory _ -> Usage.memory
            | Set _ -> Usage.set
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

let private finish (summary: EvaluationSummary) =
    Seq.iter Fail.showCase summary.Failed
    EvaluationTable.print summary

    if summary.Failed.Count = 0 then
        ExitCode.Done
    else
        ExitCode.Data

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let submission = submission arguments

    let request =
        request {
            Spec = arguments.GetResult Spec
            Data = arguments.GetResults Data
            Folder = arguments.GetResult Out
            Recipe = arguments.TryGetResult Recipe
            Patch = arguments.GetResults Patch
            Epochs = arguments.GetResults Epochs
            Seed = arguments.GetResults Seed
            // A login node need not have the device.
            Device =
                if submission.IsSome then
                    None
                else
                    arguments.TryGetResult Device
            Precision = arguments.TryGetResult Precision
            Kernels = arguments.TryGetResult Kernels
            Memory = arguments.TryGetResult Memory
            Set = arguments.GetResults Set
            // Its weights may have been trained on a held-out case.
            InitFrom = None
            Ranks = Ranks.Alone
        }

    let folds = arguments.GetResult(Folds, 5)

    let evaluate () =
        Terminal.watch (fun progress -> CrossValidation.Evaluate(request, folds, progress))
        |> finish

    match submission, arguments.TryGetResult Shard |> Option.map SlurmArguments.shard with
    | Some submission, _ ->
        let words = arguments |> SlurmArguments.words "cross-validate" SlurmArguments.flags
        SlurmArguments.submit submission request.Run words (CrossValidation.Units(request, folds)) ignore
    | None, _ when arguments.Contains Gather ->
        let exit = evaluate ()
        SlurmArguments.checkDone request.Run (CrossValidation.Units(request, folds))
        exit
    | None, shard ->
        let shard = defaultArg shard (KneeSeg.Experiments.Shard(1, 1))

        let isTrained, signal =
            Terminal.interruptible (fun cancel ->
                Terminal.watch (fun progress ->
                    CrossValidation.Train(request, folds, shard, progress, cancel)))

        if not isTrained then
            Fail.interrupted signal
        else
            match
                CrossValidation.Units(request, folds)
                |> Seq.filter (fun unit -> not unit.IsDone)
                |> Seq.length
            with
            | 0 -> evaluate ()
            | left ->
                eprintfn "%d unfinished folds belong to other shards" left
                ExitCode.Done

/// The command.
let command =
    Command.create
        "cross-validate"
        "Train and evaluate with k-fold cross-validation"
        "Splits the training and validation subjects into folds, trains one network per fold, predicts each fold with the
network that has not seen it, and evaluates all cases together. Test cases are not used. The output folder can be used
as an ensemble by predict. --shard and --slurm train folds on several machines."
        "kneeseg cross-validate unet3d+small --data knees --out folds
        kneeseg cross-validate vnet --data knees --out three --folds 3 --patch 32x64x64 --epochs 20
        kneeseg cross-validate vnet --data knees --out folds --slurm --cpus 8
        kneeseg predict folds knees --out labels"
        run
