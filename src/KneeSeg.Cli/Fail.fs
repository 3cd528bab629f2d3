/// How a command fails: one block on stderr that says what is wrong, where, and what to do, and an exit code.
module KneeSeg.Cli.Fail

open System
open System.IO
open System.Text.RegularExpressions
open KneeSeg
open KneeSeg.Dsl

/// Ends the command with a problem.
let at exit where what fix : 'T =
    raise (ProblemException(exit, where, what, fix))

/// Ends the command because of how it was called.
let usage where what fix : 'T = at ExitCode.Usage where what fix

/// Ends the command because of a signal, with the signal's exit code. Finished work is kept.
exception Interrupted of ExitCode

/// Reports an interruption and gives the signal's exit code.
let interrupted (signal: ExitCode voption) : ExitCode =
    eprintfn "interrupted; progress is saved. Rerun the same command to resume"
    ValueOption.defaultValue ExitCode.Fault signal

/// The file, the line and the column that an error is about.
let place (where: string) =
    let found =
        Regex.Match(where, @"^(?<file>.+), line (?<line>\d+), column (?<column>\d+)$")

    if found.Success then
        Some(found.Groups["file"].Value, int found.Groups["line"].Value, int found.Groups["column"].Value)
    else
        None

/// The line of a script that an error is about, with a mark under its column.
let private excerpt (where: string) =
    match place where with
    | Some(file, line, column) when File.Exists file ->
        for line in File.ReadLines file |> Seq.tryItem (line - 1) |> Option.toList do
            let before = line[.. column - 2]
            eprintfn "         | %s" line
            // A tab stays a tab, so that the mark stands under its letter.
            eprintfn "         | %s^" (String.map (fun letter -> if letter = '\t' then '\t' else ' ') before)
    | _ -> ()

let private print (where: string) (what: string) (fix: string) =
    eprintfn "error: %s" (what.TrimEnd '.')
    eprintfn "  where  %s" where
    excerpt where
    eprintfn "  do     %s" fix

/// Prints a problem that does not end the command.
let show (problem: ProblemException) =
    print problem.Where problem.What problem.Fix

/// Prints why a case could not be evaluated.
let showCase (case: KneeSeg.Evaluation.FailedCase) = print case.Where case.What case.Fix

/// Runs a command and turns its exceptions into blocks and exit codes.
let guard (run: unit -> ExitCode) : ExitCode =
    try
        run ()
    with
    | :? ProblemException as problem ->
        show problem
        problem.Exit
    | :? SpecException as spec ->
        for diagnostic in spec.Diagnostics do
            print diagnostic.Where diagnostic.What diagnostic.Fix

        if spec.IsUnknownName then ExitCode.Usage else ExitCode.Spec
    | Interrupted exit -> interrupted (ValueSome exit)
    | :? OutOfMemoryException ->
        print "memory" "out of memory" "Use a smaller patch or a smaller variant of the network"

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
            $"internal error ({fault.GetType().Name}: {fault.Message})"
            "Report this message together with the command that caused it"

        ExitCode.Fault
