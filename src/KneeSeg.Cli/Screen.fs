/// Where long work is watched: a live bar per kind of work on a terminal's stderr, plain lines elsewhere.
module KneeSeg.Cli.Screen

open System
open System.Collections.Generic
open System.IO
open System.Runtime.InteropServices
open System.Threading
open KneeSeg
open KneeSeg.Data
open Spectre.Console

/// A stderr whose lines are lost where they can't be written, as when the terminal is gone or its disk is full: they
/// matter less than the work.
type Unheard(stderr: TextWriter) =
    inherit TextWriter()

    let attempt write =
        try
            write ()
        with error when WriteError.Matches error ->
            ()

    override _.Encoding = stderr.Encoding
    override _.Write(letter: char) = attempt (fun () -> stderr.Write letter)
    override _.Write(text: string | null) = attempt (fun () -> stderr.Write text)
    override _.Flush() = attempt stderr.Flush

/// Lines that stay; no bars.
type private Lines() =
    interface IProgressSink with
        member _.Report _ = ()
        member _.Say line = eprintfn "%s" line

/// A bar for each kind of work, with what changes beside it.
type private Bars(console: IAnsiConsole, context: ProgressContext) =
    let bars = Dictionary<string, ProgressTask>()

    let bar (progress: KneeSeg.Progress) =
        match bars.TryGetValue progress.What with
        | true, bar -> bar
        | _ ->
            let bar =
                context.AddTask(Markup.Escape progress.What, maxValue = float (max 1L progress.Total))

            bars[progress.What] <- bar
            bar

    interface IProgressSink with
        member _.Report progress =
            let bar = bar progress
            bar.MaxValue <- float (max 1L progress.Total)
            bar.Value <- float progress.Done
            bar.Description <- Markup.Escape $"{progress.What}  {progress.Detail}"

        member _.Say line = console.MarkupLine(Markup.Escape line)

/// Runs work that says how far it is.
let watch (work: IProgressSink -> 'T) : 'T =
    if Console.IsErrorRedirected then
        work (Lines())
    else
        let console =
            AnsiConsole.Create(AnsiConsoleSettings(Out = AnsiConsoleOutput Console.Error))

        console
            .Progress()
            .Columns(
                TaskDescriptionColumn(Alignment = Justify.Left),
                ProgressBarColumn(),
                PercentageColumn(),
                RemainingTimeColumn()
            )
            .Start(fun context -> work (Bars(console, context)))

/// For work that goes over cases.
let cases (screen: IProgressSink) what =
    Action<CaseProgress>(fun at -> screen.Report(KneeSeg.Progress(what, at.Done, at.Total, at.Case)))

/// Runs work that Ctrl-C, SIGTERM or a closed terminal ends after its step; a second signal ends the program at once.
/// Gives what the work gave, and the exit code of the signal that came, if any; throws Stop.Interrupted where the work
/// threw for it.
let interruptible (work: CancellationToken -> 'T) : 'T * ExitCode voption =
    use source = new CancellationTokenSource()
    let code = ref ValueNone

    let stop exit (context: PosixSignalContext) =
        context.Cancel <- code.Value.IsNone
        code.Value <- ValueSome(enum<ExitCode> exit)
        source.Cancel()

    use _ = PosixSignalRegistration.Create(PosixSignal.SIGHUP, stop 129)
    use _ = PosixSignalRegistration.Create(PosixSignal.SIGINT, stop 130)
    use _ = PosixSignalRegistration.Create(PosixSignal.SIGTERM, stop 143)

    try
        let result = work source.Token
        result, code.Value
    with :? OperationCanceledException when code.Value.IsSome ->
        raise (Stop.Interrupted code.Value.Value)
