/// `kneeseg report`: one page about runs.
module KneeSeg.Cli.Commands.Report

open System.IO
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Experiments

/// What it takes.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Run of RUN: string
    | Out of FILE: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Run _ -> "the folder of a run, or of a sweep, whose tables are then written again"
            | Out _ -> "the page; report.html in the run's folder unless given"

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let folder = arguments.GetResult Run

    if SweepIndex.IsIn folder then
        SweepReport.Write folder
        printfn "%s" (Path.Combine(folder, "index.html"))
    else
        let page = arguments.GetResult(Out, Path.Combine(folder, "report.html"))
        Screen.watch (fun screen -> ReportJob.Write(folder, folder, page, screen))
        printfn "%s" page

    ExitCode.Done

/// The command.
let command =
    Command.create
        "report"
        "one page with a run's curves, pictures and tables"
        "Writes one self-contained page about a run: its curves, an animation of its training and, from what evaluate wrote into the
run's folder, tables and pictures of image, reference and prediction side by side. The animations and pictures also lie beside
the page."
        "kneeseg report runs/first
        kneeseg evaluate labels knees --out runs/first    (first, for tables and pictures)"
        run
