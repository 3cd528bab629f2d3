/// `kneeseg plan`: chooses a network and its training for a dataset.
module KneeSeg.Cli.Commands.Plan

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Experiments.Planning

/// The arguments.
type Arguments =
    | [<MainCommand; Mandatory>] Data of DATA: string list
    | [<Mandatory>] Out of PLAN: string
    | Memory of SIZE: string
    | Time of DURATION: string
    | For of WHAT: string * LIMIT: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Data _ -> "dataset folders or their dataset.json; several are trained on together"
            | Out _ -> "folder for the plan"
            | Memory _ -> "memory limit of training, such as 8G (default: free memory)"
            | Time _ -> "time for training, such as 2h or 30m (default: 2h)"
            | For _ ->
                "a further limit: predict-memory and an amount, such as 2G, in which the largest image must be predicted"

let private predictMemory (what: string, limit: string) =
    if what = "predict-memory" then
        MemorySize.parse $"--for {what}" limit
    else
        Fail.usage $"--for {what} {limit}" "no such limit" "Use --for predict-memory 2G"

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let request =
        PlanRequest(
            ResizeArray(arguments.GetResult Arguments.Data),
            arguments.GetResult Out,
            (arguments.TryGetResult Memory
             |> Option.map (MemorySize.parse "--memory")
             |> Option.toNullable),
            (arguments.TryGetResult Time
             |> Option.map (Duration.parse "--time")
             |> Option.toNullable),
            (arguments.TryGetResult For |> Option.map predictMemory |> Option.toNullable)
        )

    match
        Terminal.interruptible (fun cancel ->
            Terminal.watch (fun progress -> PlanJob.Run(request, progress, cancel)))
    with
    | (), ValueNone ->
        printfn "planned: %s" request.Out
        ExitCode.Done
    | (), signal -> Fail.interrupted signal

/// The command.
let command =
    Command.create
        "plan"
        "Choose a network and its training for a dataset"
        "Measures a dataset and, in half a minute, this machine, and chooses voxel spacing, network, patches and the length of training
within limits of memory and time. The plan is a network that you can read and edit (network.fsx), a recipe (recipe.json), and
a page with every decision, its reason and what would have been next (plan.md). train takes the folder as a network."
        "kneeseg plan knees --memory 8G --time 2h --out plan
        kneeseg plan knees --time 30m --for predict-memory 2G --out plan
        kneeseg train plan --data knees --run runs/planned"
        run
