/// A command: its name, its help, and how its arguments are parsed. Only the command that is called builds its parser,
/// which keeps the start fast.
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

/// The first line of Argu's message, without its prefix.
let private parseError (error: ArguParseException) =
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
    | Some flag -> $"{Diagnostic.didYouMean [ flag ]} See kneeseg {name} --help"
    | None -> $"See kneeseg {name} --help"

let private help (about: string) (usage: string) (examples: string) =
    printfn "%s" about
    printfn ""
    printfn "%s" usage
    printfn ""
    printfn "EXAMPLES:"
    printfn ""

    for line in examples.Split '\n' do
        printfn "    %s" (line.Trim())

/// A command without arguments.
let bare name summary about (run: unit -> ExitCode) = {
    Name = name
    Summary = summary
    Help = fun () -> help about $"USAGE: kneeseg {name} [--help]" $"kneeseg {name}"
    Run =
        fun words ->
            match List.ofArray words with
            | [] -> run ()
            | word :: _ ->
                Fail.usage
                    $"kneeseg {name}"
                    $"unexpected argument '{word}'"
                    $"Run kneeseg {name} without arguments"
}

/// A command whose arguments are the cases of a union. `about` explains it in a few lines; `examples` are command
/// lines that work.
let create<'T when 'T :> IArgParserTemplate>
    name
    summary
    (about: string)
    (examples: string)
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
        Help = fun () -> help about (parser.Value.PrintUsage().Trim()) examples
        Run =
            fun words ->
                let results =
                    try
                        parser.Value.ParseCommandLine(words, raiseOnUsage = false)
                    with :? ArguParseException as error ->
                        Fail.usage $"kneeseg {name}" (parseError error) (advice name parser.Value words)

                run results
    }

let private list (commands: Command list) =
    let width = commands |> List.map _.Name.Length |> List.max

    printfn "KneeSeg segments knee cartilage in MRI with neural networks that you declare."
    printfn ""
    printfn "USAGE: kneeseg COMMAND [OPTIONS]"
    printfn ""
    printfn "COMMANDS:"
    printfn ""

    for command in commands do
        printfn "    %s  %s" (command.Name.PadRight width) command.Summary

    printfn ""
    printfn "See kneeseg COMMAND --help for a command's options. To start: kneeseg demo"

let private find (commands: Command list) name =
    match commands |> List.tryFind (fun command -> command.Name = name) with
    | Some command -> command
    | None ->
        let problem = Diagnostic.unknown "command" (commands |> List.map _.Name) name
        Fail.usage $"kneeseg {name}" problem.What problem.Fix

/// Runs the command that the first word names.
let dispatch (commands: Command list) (words: string[]) =
    match List.ofArray (Aliases.current words) with
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
    | name :: rest ->
        let command = find commands name
        let rest = Array.ofList rest

        if asksForHelp rest then
            command.Help()
            ExitCode.Done
        else
            command.Run rest
