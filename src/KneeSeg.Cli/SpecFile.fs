/// Specs as people give them: a name with variants, a `.json` file, or an `.fsx` file whose last value is a
/// network or a list of networks.
module KneeSeg.Cli.SpecFile

open System
open System.Diagnostics
open System.IO
open System.Text.RegularExpressions
open KneeSeg
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec

let private readText path =
    try
        File.ReadAllText path
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

/// A problem in a file, told as one about that file.
let private inFile (path: string) (problem: Problem) =
    SpecException [|
        {
            problem with
                Where = $"{path}, {problem.Where}"
        }
    |]

let private fromJson path text =
    match Json.read text with
    | Ok network -> network
    | Error problem -> raise (inFile path problem)

/// What `dotnet fsi` is given: the language, the script under its own name, and where its value goes.
let private session (path: string) (text: string) (answer: string) =
    let language = typeof<Models>.Assembly.Location

    let quoted (path: string) =
        "@\"" + path.Replace("\"", "\"\"") + "\""

    String.Join(
        '\n',
        [
            $"#r {quoted language}"
            $"#I {quoted (string (Path.GetDirectoryName path))}"
            for name in Script.opened do
                $"open {name}"
            ";;"
            $"# 1 {quoted path}"
            text
            ";;"
            "# 1 \"answer\""
            $"KneeSeg.Dsl.Script.save {quoted answer} (box it);;"
            "exit 0;;"
        ]
    )

let private start () =
    let info =
        ProcessStartInfo("dotnet", [ "fsi"; "--quiet"; "--nologo"; "--readline-"; "--consolecolors-" ])

    info.RedirectStandardInput <- true
    info.RedirectStandardOutput <- true
    info.RedirectStandardError <- true
    info.Environment["DOTNET_CLI_UI_LANGUAGE"] <- "en"

    match
        (try
            Process.Start info
         with :? ComponentModel.Win32Exception ->
             null)
    with
    | null ->
        Stop.at
            ExitCode.Resources
            "dotnet fsi"
            "can't be started"
            "Install the .NET 10 SDK, or give the spec as .json"
    | session -> session

/// "FILE(3,15): error FS0764: No assignment ..." as compilers write it.
let private mistake =
    Regex(
        @"^(?<file>.*)\((?<line>\d+),(?<column>\d+)\): error (?<code>FS\d+): (?<text>.*)$",
        RegexOptions.Multiline
    )

let private mistakes (path: string) (complaints: string) = [|
    for found in mistake.Matches complaints do
        if found.Groups["file"].Value = path then
            let line, column = found.Groups["line"].Value, found.Groups["column"].Value
            let text = found.Groups["text"].Value.Trim().TrimEnd '.'
            Problem.at $"{path}, line {line}, column {column}" text "Correct the script there"
|]

/// The networks of a finished session, or why there are none.
let private answered path (answer: string) (complaints: string) =
    match mistakes path complaints with
    | [||] when File.Exists answer -> [
        for line in File.ReadAllLines answer ->
            if line.StartsWith '!' then
                raise (
                    SpecException [|
                        Problem.at
                            path
                            (line.Substring 1)
                            "End the script with a network or a list of networks"
                    |]
                )
            else
                fromJson path line
      ]
    | [||] when complaints.Contains "'it' is not defined" ->
        raise (
            SpecException [|
                Problem.at path "ends without a value" "End the script with the network itself"
            |]
        )
    | [||] ->
        let first =
            complaints.Split '\n'
            |> Array.map _.Trim()
            |> Array.tryFind ((<>) "")
            |> Option.defaultValue "no reason given"

        raise (SpecException [| Problem.at path $"stopped: {first.TrimEnd '.'}" "Correct the script" |])
    | mistakes -> raise (SpecException mistakes)

let private fromScript (path: string) =
    let path = Path.GetFullPath path
    let text = readText path
    let answer = Path.GetTempFileName()
    File.Delete answer

    try
        use session' = start ()
        let complaints = session'.StandardError.ReadToEndAsync()
        // What a script prints is for people, and stdout may be for programs.
        session'.OutputDataReceived.Add(fun line ->
            if not (String.IsNullOrEmpty line.Data) then
                eprintfn "%s" line.Data)

        session'.BeginOutputReadLine()
        session'.StandardInput.Write(session path text answer)
        session'.StandardInput.Close()
        session'.WaitForExit()
        answered path answer complaints.Result
    finally
        File.Delete answer

/// The networks that a spec means: one, or those of a script that ends in a list.
/// Throws SpecException, with file, line and column where there are any, or ProblemException where a file is missing.
let networks (spec: string) : Network list =
    match (string (Path.GetExtension spec)).ToLowerInvariant() with
    | ".fsx" -> fromScript spec
    | ".json" -> [ fromJson spec (readText spec) ]
    | _ ->
        match Names.parse spec with
        | Ok network -> [ network ]
        | Error problem -> raise (SpecException [| problem |])

/// The one network that a spec means. A script that ends in several is refused.
let network (spec: string) : Network =
    match networks spec with
    | [ network ] -> network
    | several ->
        Stop.usage
            spec
            $"has {several.Length} networks, and one is needed here"
            "End the script with one network"

/// A network's text as `Models.Load` reads it.
let text (network: Network) = Json.text network

/// A network's graph for so many channels and classes.
let graph channels classes (network: Network) =
    match
        Elaborate.elaborate {
            network with
                Channels = channels
                Classes = classes
        }
    with
    | Ok graph -> graph
    | Error problems -> raise (SpecException(Array.ofList problems))
