/// `kneeseg report`: the report of a run or a sweep.
module KneeSeg.Cli.Commands.Report

open System.IO
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Experiments
open KneeSeg.Experiments.Sweeps
open KneeSeg.Reports.Viewer

/// The arguments.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Run of RUN: string
    | Out of FILE: string
    | Viewer

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Run _ -> "run folder, or a sweep folder, whose tables are rewritten"
            | Out _ -> "HTML file to write (default: report.html in the run folder)"
            | Viewer -> "also show the worst, the median and the best case in three planes and in 3D"

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let folder = arguments.GetResult Run

    if SweepIndex.IsIn folder then
        SweepReport.Write folder
        printfn "%s" (Path.Combine(folder, "index.html"))
    else
        let page = arguments.GetResult(Out, Path.Combine(folder, "report.html"))

        let viewer =
            if arguments.Contains Viewer then
                ViewerProgram.Find()
            else
                null

        if arguments.Contains Viewer && isNull viewer then
            eprintfn "%s" (ViewerProgram.Missing.Message)

        Terminal.watch (fun progress -> RunPage.Write(folder, folder, page, progress, viewer = viewer))

        printfn "%s" page

    ExitCode.Done

/// The command.
let command =
    Command.create
        "report"
        "Write an HTML report of a run"
        "Writes a self-contained HTML page about a run: learning curves, an animation of the training and, if the run folder
has an evaluation, tables and images of references and predictions side by side. Images and animations are also written
next to the page."
        "kneeseg report runs/first
        kneeseg evaluate labels knees --out runs/first    (run this first to include tables and images)"
        run
