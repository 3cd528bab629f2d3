/// `kneeseg demo`: end to end on synthetic data.
module KneeSeg.Cli.Commands.Demo

open System.IO
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Experiments

/// The arguments.
type Arguments =
    | Out of DIR: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Out _ -> "output folder (default: demo)"

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let folder = arguments.GetResult(Out, "demo")

    match
        Terminal.interruptible (fun cancel ->
            Terminal.watch (fun progress -> Demo.Run(folder, progress, cancel)))
    with
    | NonNull summary, _ ->
        EvaluationTable.print summary
        printfn ""
        printfn "The data are synthetic: these scores say nothing about real MRI."
        printfn "Report: %s" (Path.Combine(folder, "report.html"))
        ExitCode.Done
    | Null, signal -> Fail.interrupted signal

/// The command.
let command =
    Command.create
        "demo"
        "Run end to end on synthetic data: train, predict, evaluate, report"
        "Generates synthetic knee MRI, trains a small network, predicts held-out cases, evaluates them and writes a report.
Takes a few minutes. Rerun the same command to resume."
        "kneeseg demo
        kneeseg demo --out my-first-run"
        run
