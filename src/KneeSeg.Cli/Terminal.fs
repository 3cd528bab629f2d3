/// Progress of long work: live bars where stderr is a terminal, plain lines elsewhere.
module KneeSeg.Cli.Terminal

open System
open System.Collections.Generic
open System.IO
open System.Runtime.InteropServices
open System.Threading
open KneeSeg
open KneeSeg.Data
open Spectre.Console

/// A stderr that drops what cannot be written, as when the terminal is closed or the disk is full: the work matters more.
type LossyError(stderr: TextWriter) =
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

/// One bar for each kind of work.
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

/// Runs work and shows its progress.
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

/// The progress of work that goes case by case.
let cases (progress: IProgressSink) what =
    Action<CaseProgress>(fun at -> progress.Report(KneeSeg.Progress(what, at.Done, at.Total, at.Case)))

/// Runs work that Ctrl-C, SIGTERM or a closed terminal ends after its current step; a second signal ends the program at
/// once. Returns the work's result and the signal's exit code, if any; throws Fail.Interrupted if the work was cancelled.
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
        raise (Fail.Interrupted code.Value.Value)
