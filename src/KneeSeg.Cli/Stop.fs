/// What a person reads when a command cannot do its work: one block on stderr, and the exit code that goes with it.
module KneeSeg.Cli.Stop

open System
open KneeSeg
open KneeSeg.Dsl

/// Stops the command: something is wrong, somewhere, and can be mended so.
let at exit where what fix : 'T =
    raise (ProblemException(exit, where, what, fix))

/// Stops the command because a signal came, with the signal's exit code. What was done so far is kept.
exception Interrupted of ExitCode

/// Says that a signal ended the command's work early, and gives the signal's exit code.
let interrupted (signal: ExitCode voption) : ExitCode =
    eprintfn "interrupted and saved: rerun the same command to resume"
    ValueOption.defaultValue ExitCode.Fault signal

/// Stops the command because of how it was called.
let usage where what fix : 'T = at ExitCode.Usage where what fix

let private print (where: string) (what: string) (fix: string) =
    eprintfn "error: %s" (what.TrimEnd '.')
    eprintfn "  where  %s" where
    eprintfn "  do     %s" fix

/// Shows a problem that does not stop the command.
let tell (problem: ProblemException) =
    print problem.Where problem.What problem.Fix

/// Shows why a case could not be measured.
let tellFailed (case: KneeSeg.Evaluation.FailedCase) = print case.Where case.What case.Fix

/// Runs a command. Problems become blocks, anything else a fault of ours.
let guard (run: unit -> ExitCode) : ExitCode =
    try
        run ()
    with
    | :? ProblemException as problem ->
        print problem.Where problem.What problem.Fix
        problem.Exit
    | :? SpecException as spec ->
        for diagnostic in spec.Diagnostics do
            print diagnostic.Where diagnostic.What diagnostic.Fix

        if spec.IsUnknownName then ExitCode.Usage else ExitCode.Spec
    | Interrupted exit -> interrupted (ValueSome exit)
    | :? OutOfMemoryException ->
        print
            "memory"
            "there is not enough for this"
            "Use a smaller patch, or a smaller variant of the network"

        ExitCode.Resources
    | error when WriteError.Matches error ->
        print
            "the system"
            (error.Message.TrimEnd '.')
            "Check disk space, limits (ulimit -a) and where the output goes"

        ExitCode.Resources
    | fault ->
        // The executing assembly can be null in a handler.
        let version = typeof<ProblemException>.Assembly.GetName().Version
        let place = (string fault.StackTrace).Split '\n' |> Array.head |> _.Trim()

        print
            $"KneeSeg {version}, {place}"
            $"this is a fault of KneeSeg itself ({fault.GetType().Name}: {fault.Message})"
            "Report this block and the command that led to it"

        ExitCode.Fault
