/// `kneeseg sweep`: trains several networks and compares them.
module KneeSeg.Cli.Commands.Sweep

open System
open System.Collections.Generic
open System.IO
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Dsl
open KneeSeg.Experiments.Sweeps

/// The arguments.
type Arguments =
    | [<MainCommand; ExactlyOnce>] File of FILE: string
    | Recipe of NAME_or_FILE: string
    | Patch of DxHxW: string
    | Set of FIELD_VALUE: string
    | Repeats of N: int
    | With of VARIANTS: string
    | Data of DATA: string
    | [<Mandatory>] Out of DIR: string
    | Jobs of N: int
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
    | Search of BUDGET: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | File _ -> "sweep file (.json), or an .fsx script whose networks are compared"
            | Recipe _ -> "recipe name or .json file, for rows without one"
            | Patch _ -> "patch size, for rows without one"
            | Set _ -> "set a recipe field of all rows, as stepsPerEpoch=20; can be repeated"
            | Repeats _ -> "number of runs per row, with seeds 1 to N (default: as in the file, or 1)"
            | With _ -> "variants to combine with the networks of all rows, such as small,relative"
            | Data _ -> "dataset (default: the phantoms that the file describes)"
            | Out _ -> "folder for runs and tables; an existing sweep is resumed"
            | Jobs _ -> "number of parallel runs, which share the processor cores (default: 1)"
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
            | Search _ ->
                "drop the worse half of the rows again and again, within so much training time, such as 2h"

/// The networks that the file's specs mean, each read once, with variants.
let private networks (variants: string option) (file: SweepFile) =
    let crossed =
        match variants with
        | Some labels -> Families.crossed labels
        | None -> id

    readOnlyDict [
        for row in file.Rows |> Seq.distinctBy _.Spec ->
            try
                let networks = SpecFile.networks row.Spec |> crossed
                row.Spec, ResizeArray(Seq.map NetworkSpec networks) :> IReadOnlyList<_>
            with :? SpecException as problem ->
                raise (row.Problem problem)
    ]

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
        Gpu = false
        Others = [
            if arguments.Contains Jobs then
                "--jobs"
            if arguments.Contains Shard then
                "--shard"
            if arguments.Contains Gather then
                "--gather"
        ]
    }

/// Starts several processes of this program, which share the runs and write the tables.
let private parallel' (arguments: ParseResults<Arguments>) request jobs progress cancel =
    SweepRunner.Prepare(request, SweepJobs.Threads jobs, progress, cancel)
    let words = arguments |> SlurmArguments.words "sweep" [ "--jobs" ]
    enum<ExitCode>(SweepJobs.Run(jobs, words, progress, cancel))

let private sequential request progress cancel =
    let outcome = SweepRunner.Run(request, progress, cancel)

    for struct (run, failure) in outcome.Failures do
        Fail.show (ProblemException(failure.Exit, $"{run}: {failure.Where}", failure.What, failure.Fix))

    if outcome.Elsewhere > 0 then
        eprintfn "%d unfinished runs belong to other processes or shards" outcome.Elsewhere

    match List.ofSeq outcome.Failures with
    | struct (_, failure) :: _ -> failure.Exit
    | [] -> ExitCode.Done

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let jobs = arguments.GetResult(Jobs, 1)

    if jobs < 1 then
        Fail.usage $"--jobs {jobs}" "must be at least 1" "Give the number of parallel runs"

    let overrides =
        SweepOverrides(
            Option.toObj (arguments.TryGetResult Recipe),
            Option.toObj (arguments.TryGetResult Patch),
            ResizeArray(arguments.GetResults Set),
            Option.toNullable (arguments.TryGetResult Repeats)
        )

    let search = arguments.TryGetResult Search |> Option.map (Duration.parse "--search")

    if
        search.IsSome
        && (jobs > 1 || arguments.Contains Shard || arguments.Contains Slurm)
    then
        Fail.usage
            "--search"
            "compares runs with each other, which --jobs, --shard and --slurm divide"
            "Remove them: a search trains one run at a time"

    let file = SweepFile.Read(arguments.GetResult File, overrides)

    let request =
        SweepRequest(
            file,
            networks (arguments.TryGetResult With) file,
            Option.toObj (arguments.TryGetResult Data),
            arguments.GetResult Out,
            arguments.TryGetResult Shard |> Option.map SlurmArguments.shard |> Option.toObj,
            Search = Option.toNullable search
        )

    let units threads = SweepRunner.Units(request, threads)

    match submission arguments with
    | Some submission ->
        let cpus = submission.Resources.Cpus

        let prepare () =
            Terminal.interruptible (fun cancel ->
                Terminal.watch (fun progress -> SweepRunner.Prepare(request, cpus, progress, cancel)))
            |> ignore

        let words = arguments |> SlurmArguments.words "sweep" SlurmArguments.flags
        SlurmArguments.submit submission request.Out words (units cpus) prepare
    | None when arguments.Contains Gather ->
        SweepReport.Write request.Out
        printfn "%s" (Path.Combine(request.Out, "index.html"))
        SlurmArguments.checkDone request.Out (units (SweepIndex.Read request.Out).Threads)
        ExitCode.Done
    | None ->
        let exit, signal =
            Terminal.interruptible (fun cancel ->
                Terminal.watch (fun progress ->
                    if jobs = 1 then
                        sequential request progress cancel
                    else
                        parallel' arguments request jobs progress cancel))

        match signal with
        | ValueSome _ -> Fail.interrupted signal
        | ValueNone ->
            printfn "%s" (Path.Combine(request.Out, "index.html"))
            exit

/// The command.
let command =
    Command.create
        "sweep"
        "Train several networks and compare them in tables"
        "Trains every row of a sweep file, evaluates the runs on the test cases and writes table.md, table.csv, runs.csv and
index.html. Rerun the same command to resume. Machines that share a folder can run the same command to share the work;
--slurm submits it to a cluster.
docs/reference/sweep.md describes the file format and the columns."
        "kneeseg sweep examples/sweeps/vnet-quick.json --out quick
        kneeseg sweep my-family.fsx --data knees --out family --patch 32x64x64 --repeats 3
        kneeseg sweep my-family.fsx --with small,gated --data knees --out crossed --patch 32x64x64
        kneeseg sweep my-family.fsx --data knees --out search --patch 32x64x64 --search 2h
        kneeseg sweep examples/sweeps/vnet.json --data knees --out vnet --shard 1/4
        kneeseg sweep examples/sweeps/vnet.json --data knees --out vnet --slurm --cpus 8 --max 20"
        run
