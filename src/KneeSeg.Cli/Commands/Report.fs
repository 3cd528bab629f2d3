/// `kneeseg report`: one page about runs.
module KneeSeg.Cli.Commands.Report

open Argu
open KneeSeg
open KneeSeg.Cli

/// What it takes.
type Arguments =
    | [<MainCommand; Mandatory>] Runs of RUN: string list
    | Out of FILE: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Runs _ -> "folders of runs"
            | Out _ -> "the page; report.html in the first run's folder unless given"

let private run (arguments: ParseResults<Arguments>) : ExitCode = Unwired.run "report"

/// The command.
let command =
    Command.create
        "report"
        "one page with a run's curves, pictures and tables"
        "Writes one self-contained page about runs: curves, slices of image, reference and prediction side by side, tables."
        "kneeseg report runs/first
        kneeseg report runs/first runs/second --out comparison.html"
        run
