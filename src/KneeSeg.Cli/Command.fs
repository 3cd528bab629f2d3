/// A command: its name, what it says about itself, and how its arguments are read. Only the command that is
/// called builds a parser, which is what keeps the start short.
module KneeSeg.Cli.Command

open System
open Argu
open KneeSeg
open KneeSeg.Dsl

/// A command of the command line.
type Command = {
    Name: string
    /// One line for the list of commands.
    Summary: string
    /// Prints the command's help.
    Help: unit -> unit
    Run: string[] -> ExitCode
}

let private asksForHelp (words: string[]) =
    words |> Array.exists (fun word -> word = "--help" || word = "-h")

/// The first line of what Argu says, without its shouting.
let private complaint (error: ArguParseException) =
    let line = error.Message.Split '\n' |> Array.head |> _.Trim()
    (if line.StartsWith "ERROR: " then line.Substring 7 else line).TrimEnd '.'

let private advice name (parser: ArgumentParser<'T>) (words: string[]) =
    let known =
        parser.GetArgumentCases()
        |> Seq.collect (fun case -> case.CommandLineNames.Value)
        |> List.ofSeq

    let near =
        words
        |> Seq.filter (fun word -> word.StartsWith "--" && not (List.contains (word.Split('=')[0]) known))
        |> Seq.tryPick (Diagnostic.nearest known >> List.tryHead)

    match near with
    | Some flag -> $"Did you mean {flag}? kneeseg {name} --help shows what it takes"
    | None -> $"kneeseg {name} --help shows what it takes"

let private help (about: string) (usage: string) (example: string) =
    printfn "%s" about
    printfn ""
    printfn "%s" usage
    printfn ""
    printfn "EXAMPLE:"
    printfn ""

    for line in example.Split '\n' do
        printfn "    %s" (line.Trim())

/// A command that takes no arguments.
let bare name summary about (run: unit -> ExitCode) = {
    Name = name
    Summary = summary
    Help = fun () -> help about $"USAGE: kneeseg {name} [--help]" $"kneeseg {name}"
    Run =
        fun words ->
            match List.ofArray words with
            | [] -> run ()
            | word :: _ ->
                Stop.usage $"kneeseg {name}" $"'{word}' is too much" $"kneeseg {name} takes no arguments"
}

/// A command whose arguments are the cases of a union. `about` explains it in a few lines; `example` is one
/// or more command lines that work.
let create<'T when 'T :> IArgParserTemplate>
    name
    summary
    (about: string)
    (example: string)
    (run: ParseResults<'T> -> ExitCode)
    =
    let parser =
        lazy
            ArgumentParser.Create<'T>(
                programName = $"kneeseg {name}",
                usageStringCharacterWidth = 100,
                errorHandler = ExceptionExiter(),
                checkStructure = false
            )

    {
        Name = name
        Summary = summary
        Help = fun () -> help about (parser.Value.PrintUsage().Trim()) example
        Run =
            fun words ->
                let results =
                    try
                        parser.Value.ParseCommandLine(words, raiseOnUsage = false)
                    with :? ArguParseException as error ->
                        Stop.usage $"kneeseg {name}" (complaint error) (advice name parser.Value words)

                run results
    }

let private list (commands: Command list) =
    printfn "kneeseg segments knee cartilage in MRI with networks that you declare."
    printfn ""
    printfn "USAGE: kneeseg COMMAND [arguments]      kneeseg COMMAND --help explains a command"
    printfn ""

    for command in commands do
        printfn "  %-10s %s" command.Name command.Summary

    printfn ""
    printfn "Start with:  kneeseg demo"

let private find (commands: Command list) name =
    match commands |> List.tryFind (fun command -> command.Name = name) with
    | Some command -> command
    | None ->
        let unknown = Diagnostic.unknown "command" (commands |> List.map _.Name) name
        Stop.usage $"kneeseg {name}" unknown.What unknown.Fix

/// Runs the command that the first word names with the others.
let dispatch (commands: Command list) (words: string[]) =
    match List.ofArray words with
    | []
    | [ "--help" | "-h" | "help" ] ->
        list commands
        ExitCode.Done
    | [ "--version" ] ->
        printfn "kneeseg %O" (Reflection.Assembly.GetExecutingAssembly().GetName().Version)
        ExitCode.Done
    | "help" :: name :: _ ->
        (find commands name).Help()
        ExitCode.Done
    | name :: _ ->
        let command = find commands name

        if asksForHelp words then
            command.Help()
            ExitCode.Done
        else
            command.Run(Array.tail words)
