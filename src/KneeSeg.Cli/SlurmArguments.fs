/// What `sweep`, `cross-validate` and `predict` share to divide their work: flags for shards and for Slurm.
module KneeSeg.Cli.SlurmArguments

open System
open Argu
open KneeSeg
open KneeSeg.Experiments
open KneeSeg.Experiments.Slurm

/// A flag's line in help.
module Usage =
    let shard =
        "do only part i of n, as 1/4, to split the work between machines that share the folder"

    let gather = "only write the tables of what is finished"

    let slurm =
        "submit the work to Slurm as an array job with a task for each run, fold or image"

    let partition = "Slurm partition (default: the cluster's)"

    let time =
        "time limit of a task, such as 8:00:00, at which it saves and is requeued (default: from the steps so far, or the partition's)"

    let cpus = "processor cores of a task, and so its threads (default: 4)"
    let mem = "memory of a task, such as 16G (default: what it is forecast to need)"
    let max = "number of tasks that may run at once (default: no limit)"
    let account = "Slurm account"
    let dryRun = "write the job scripts and print them without submitting anything"

/// The values of Slurm's flags.
type Values = {
    Slurm: bool
    Partition: string option
    Time: string option
    Cpus: int option
    Mem: string option
    Max: int option
    Account: string option
    DryRun: bool
    /// Whether the work is on a graphics card.
    Gpu: bool
    /// Flags that divide the work in another way.
    Others: string list
}

/// How to submit work.
type Submission = { Resources: SlurmResources; Max: int option; DryRun: bool }

let private atLeastOne flag (number: int option) =
    match number with
    | Some number when number < 1 ->
        Fail.usage $"%s{flag} %d{number}" "must be at least 1" "Give a positive number"
    | _ -> ()

/// What the flags ask for; none without `--slurm`.
let submission (values: Values) : Submission option =
    let given = [
        if values.Partition.IsSome then
            "--partition"
        if values.Time.IsSome then
            "--time"
        if values.Cpus.IsSome then
            "--cpus"
        if values.Mem.IsSome then
            "--mem"
        if values.Max.IsSome then
            "--max"
        if values.Account.IsSome then
            "--account"
        if values.DryRun then
            "--dry-run"
    ]

    match values.Slurm, given, values.Others with
    | false, flag :: _, _ -> Fail.usage flag "is for work that is submitted to Slurm" "Add --slurm"
    | false, [], _ -> None
    | true, _, other :: _ -> Fail.usage other "--slurm divides the work itself" $"Omit {other}"
    | true, _, [] ->
        atLeastOne "--cpus" values.Cpus
        atLeastOne "--max" values.Max

        Some {
            Resources =
                SlurmResources(
                    defaultArg values.Cpus SlurmResources.DefaultCpus,
                    Option.toObj values.Partition,
                    Option.toObj values.Account,
                    Option.toObj values.Time,
                    values.Mem |> Option.map (MemorySize.parse "--mem") |> Option.toNullable,
                    values.Gpu
                )
            Max = values.Max
            DryRun = values.DryRun
        }

/// Reads a shard.
let shard (text: string) =
    match text.Split '/' |> Array.map Int32.TryParse with
    | [| (true, i); (true, n) |] when 1 <= i && i <= n -> Shard(i, n)
    | _ -> Fail.usage $"--shard {text}" "not a shard" "Write index and count, such as 1/4"

/// The flags that say where to do the work, rather than what.
let flags = [
    "--slurm"
    "--partition"
    "--time"
    "--cpus"
    "--mem"
    "--max"
    "--account"
    "--dry-run"
]

/// The command line of a command without some flags.
let words name (omitted: string list) (arguments: ParseResults<'T>) = [|
    yield name

    yield!
        arguments.GetAllResults()
        |> List.filter (fun argument ->
            arguments.Parser.GetArgumentCaseInfo(argument).CommandLineNames.Value
            |> List.forall (fun flag -> not (List.contains flag omitted)))
        |> arguments.Parser.PrintCommandLineArguments
|]

/// Submits units of work, after something that is only done if anything is submitted.
let submit (submission: Submission) out words (units: WorkUnit seq) prepare : ExitCode =
    let request =
        SlurmRequest(out, words, ResizeArray units, submission.Resources, Option.toNullable submission.Max)

    if submission.DryRun then
        let struct (script, lines) = SlurmSubmission.Write request
        printf "%s" script

        for line in lines do
            eprintfn "%s" line
    else
        for line in SlurmSubmission.Submit(request, Action prepare) do
            printfn "%s" line

    ExitCode.Done

/// Ends the command if some work is not done, and names it.
let checkDone out (units: WorkUnit seq) =
    let left = [
        for unit in units do
            if not unit.IsDone then
                unit.Name
    ]

    if not left.IsEmpty then
        let named = String.Join(", ", Seq.truncate 10 left)
        let more = if left.Length > 10 then ", …" else ""

        Fail.at
            ExitCode.Data
            out
            $"{left.Length} of {Seq.length units} are not finished: {named}{more}"
            "Rerun the same command without --gather to do what is left"
