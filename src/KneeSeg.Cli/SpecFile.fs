/// Specs as people give them: a name with variants, a `.json` file, or an `.fsx` file whose last value is a
/// network or a list of networks.
module KneeSeg.Cli.SpecFile

open System
open System.IO
open KneeSeg
open KneeSeg.Cli.Scripts
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec

let private opened path =
    try
        File.OpenRead path
    with
    | :? FileNotFoundException
    | :? DirectoryNotFoundException -> Stop.at ExitCode.Data path "there is no such file" "Check the path"
    | :? IOException
    | :? UnauthorizedAccessException as error ->
        Stop.at
            ExitCode.Data
            path
            $"can't be read ({error.Message.TrimEnd '.'})"
            "Check the path and its permissions"

let private refuse (diagnostics: Diagnostic list) =
    raise (SpecException(Array.ofList diagnostics))

let private readJson (path: string) text =
    match Json.read text with
    | Ok network -> network
    | Error diagnostics ->
        // Each with this file's name.
        refuse [
            for diagnostic in diagnostics ->
                {
                    diagnostic with
                        Where = $"{path}, {diagnostic.Where}"
                }
        ]

let private fromJson path =
    use file = opened path

    // A character takes four bytes at most; what is longer is not even read.
    if file.CanSeek && file.Length > 4L * int64 Json.length then
        refuse [ Diagnostic.at path "is far too large for a spec" "Check the path" ]

    use reader = new StreamReader(file)
    readJson path (reader.ReadToEnd())

/// The networks of a script that has run, or why there are none.
let private answered path (outcome: Run.Outcome) =
    match outcome.Answers with
    | line :: _ as networks when not (line.StartsWith '!') ->
        // What F# warns of, and what the script wrote there itself.
        for line in outcome.Errors.Split '\n' do
            if line.Trim() <> "" then
                eprintfn "%s" line

        List.map (readJson path) networks
    | refusal ->
        match Complaints.diagnostics path outcome.Errors, refusal with
        | [], line :: _ ->
            let words = line.Substring(1).Split '\t'
            refuse [ Diagnostic.at path words[0] words[1] ]
        | [], [] ->
            refuse [
                Diagnostic.at
                    path
                    $"the script ended before its last line, with exit code {outcome.Exit}"
                    "Take out what ends it, such as exit"
            ]
        | diagnostics, _ -> refuse diagnostics

let private fromScript (path: string) =
    // For the messages that a path deserves, which F# has not.
    use _ = opened path

    // F# takes more than a second to start.
    if not Console.IsErrorRedirected then
        eprintfn "running %s" path

    let outcome = Run.run (Path.GetFullPath path)

    if not outcome.Began then
        Stop.at
            ExitCode.Resources
            "dotnet fsi"
            "F# scripts can't be run here"
            "Install the .NET 10 SDK, so that dotnet fsi starts in this folder, or give the spec as .json"

    let networks = answered path outcome

    match
        networks
        |> List.countBy _.FullName
        |> List.tryFind (fun (_, times) -> times > 1)
    with
    | Some(name, times) ->
        refuse [
            Diagnostic.at
                path
                $"{times} networks are called '{name}'"
                "Rename them, as in: small |> named \"small\""
        ]
    | None -> networks

/// The networks that a spec means: one, or those of a script that ends in a list.
/// Throws SpecException, with file, line and column where there are any, or ProblemException where a file is missing.
let networks (spec: string) : Network list =
    match (string (Path.GetExtension spec)).ToLowerInvariant() with
    | ".fsx" -> fromScript spec
    | ".json" -> [ fromJson spec ]
    | _ ->
        match Names.parse spec with
        | Ok network -> [ network ]
        | Error diagnostic -> raise (SpecException [| diagnostic |])

/// The one network that a spec means. A script that ends in several is refused.
let network (spec: string) : Network =
    match networks spec with
    | [ network ] -> network
    | several ->
        Stop.usage
            spec
            $"has {several.Length} networks, and one is needed here"
            "End the script with one network"

/// A network's graph for so many channels and classes.
let graph channels classes (network: Network) =
    Networks.Elaborate(NetworkSpec network, channels, classes)
