/// `kneeseg demo`: the whole way on generated knees.
module KneeSeg.Cli.Commands.Demo

open System.IO
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Experiments

/// What it takes.
type Arguments =
    | Out of DIR: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Out _ -> "folder for everything it makes; demo unless given"

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let folder = arguments.GetResult(Out, "demo")

    match
        Screen.interruptible (fun cancel -> Screen.watch (fun screen -> Demo.Run(folder, screen, cancel)))
    with
    | NonNull summary, _ ->
        Scores.print summary
        printfn "Generated knees, not real ones. Look at %s" (Path.Combine(folder, "report.html"))
        ExitCode.Done
    | Null, signal -> Stop.interrupted signal

let command =
    Command.create
        "demo"
        "the whole way on generated knees: data, training, report"
        "Makes synthetic knees, trains a small network on them, predicts knees it has not seen, measures the result
and writes a report. Takes a few minutes; a second call goes on where the first stopped."
        "kneeseg demo
        kneeseg demo --out my-first-run"
        run
