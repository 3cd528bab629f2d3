/// `kneeseg sweep`: many trainings, and tables that compare them.
module KneeSeg.Cli.Commands.Sweep

open System
open System.IO
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Dsl
open KneeSeg.Experiments

/// What it takes.
type Arguments =
    | [<MainCommand; ExactlyOnce>] File of FILE: string
    | Recipe of NAME_or_FILE: string
    | Patch of DxHxW: string
    | Set of FIELD_VALUE: string
    | Repeats of N: int
    | Data of DATA: string
    | [<Mandatory>] Out of DIR: string
    | Jobs of N: int
    | Shard of I_of_N: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | File _ -> "the sweep's .json file, or an .fsx script whose networks are compared"
            | Recipe _ -> "how rows are trained that say nothing else: a recipe's name or its .json file"
            | Patch _ -> "size of the patches of rows that say nothing else"
            | Set _ -> "any field of the rows' recipe, as stepsPerEpoch=20; may be given several times"
            | Repeats _ -> "how often each row is trained, with the seeds 1 to N; 1 unless the file says more"
            | Data _ -> "the data set; the file's phantoms unless given"
            | Out _ -> "folder for runs and tables; one that exists is gone on with"
            | Jobs _ -> "trainings side by side, which share the cores; 1 unless given"
            | Shard _ -> "do only part i of n, as 1/4: for several machines and one folder"

let private networks spec =
    ResizeArray [ for network in SpecFile.networks spec -> NetworkSpec network ]
    :> Collections.Generic.IReadOnlyList<_>

let private shard (text: string) =
    match text.Split '/' |> Array.map Int32.TryParse with
    | [| (true, i); (true, n) |] when 1 <= i && i <= n -> KneeSeg.Experiments.Shard(i, n)
    | _ -> Stop.usage $"--shard {text}" "is no part" "Write the part and of how many, such as 1/4"

/// Several of this program share the runs; the tables are theirs.
let private sideBySide (arguments: ParseResults<Arguments>) request jobs screen cancel =
    SweepRunner.Prepare(request, jobs, screen, cancel)

    let words = [|
        "sweep"
        arguments.GetResult File
        "--out"
        request.Out
        for data in arguments.GetResults Data do
            "--data"
            data
        for part in arguments.GetResults Shard do
            "--shard"
            part
        for recipe in arguments.GetResults Recipe do
            "--recipe"
            recipe
        for patch in arguments.GetResults Patch do
            "--patch"
            patch
        for field in arguments.GetResults Set do
            "--set"
            field
        for repeats in arguments.GetResults Repeats do
            "--repeats"
            string repeats
    |]

    enum<ExitCode>(SweepJobs.Run(jobs, words, screen, cancel))

let private alone request screen cancel =
    let outcome = SweepRunner.Run(request, screen, cancel)

    for struct (run, failure) in outcome.Failures do
        Stop.tell (ProblemException(failure.Exit, $"{run}: {failure.Where}", failure.What, failure.Fix))

    if outcome.Elsewhere > 0 then
        eprintfn "%d runs are left to other processes or shards" outcome.Elsewhere

    match List.ofSeq outcome.Failures with
    | struct (_, failure) :: _ -> failure.Exit
    | [] -> ExitCode.Done

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let jobs = arguments.GetResult(Jobs, 1)

    if jobs < 1 then
        Stop.usage $"--jobs {jobs}" "starts at 1" "Give the number of trainings side by side"

    let file = arguments.GetResult File

    let share =
        SweepOverrides(
            Option.toObj (arguments.TryGetResult Recipe),
            Option.toObj (arguments.TryGetResult Patch),
            ResizeArray(arguments.GetResults Set),
            Option.toNullable (arguments.TryGetResult Repeats)
        )

    let request =
        SweepRequest(
            SweepFile.Read(file, share, networks),
            Option.toObj (arguments.TryGetResult Data),
            arguments.GetResult Out,
            arguments.TryGetResult Shard |> Option.map shard |> Option.toObj
        )

    let exit, signal =
        Screen.interruptible (fun cancel ->
            Screen.watch (fun screen ->
                if jobs = 1 then
                    alone request screen cancel
                else
                    sideBySide arguments request jobs screen cancel))

    match signal with
    | ValueSome _ -> Stop.interrupted signal
    | ValueNone ->
        printfn "%s" (Path.Combine(request.Out, "index.html"))
        exit

/// The command.
let command =
    Command.create
        "sweep"
        "trains many networks and compares them in tables"
        "Trains every row of a file so often as it says, measures the results on the test cases and writes table.md, table.csv,
runs.csv and index.html. The same command again goes on with what is left; given on several machines with one folder, they share
the work. docs/reference/sweep.md explains the file and the columns."
        "kneeseg sweep examples/sweeps/vnet-quick.json --out quick
        kneeseg sweep my-family.fsx --data knees --out family --patch 32x64x64 --repeats 3
        kneeseg sweep examples/sweeps/vnet.json --data knees --out vnet --shard 1/4"
        run
