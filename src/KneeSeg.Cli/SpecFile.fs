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

let private quoted (text: string) =
    "@\"" + text.Replace("\"", "\"\"") + "\""

/// What `dotnet fsi` is given before a script: the language, opened, and the script's own name for its lines.
let private prelude (path: string) = [
    $"#r {quoted typeof<Models>.Assembly.Location}"
    $"#I {quoted (string (Path.GetDirectoryName path))}"
    for name in Script.opened do
        $"open {name}"
    ";;"
    $"# 1 {quoted path}"
]

/// And after it: where the script's value goes.
let private ending (answer: string) = [
    ";;"
    "# 1 \"answer\""
    $"KneeSeg.Dsl.Script.save {quoted answer} (box it);;"
    "exit 0;;"
]

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

/// "FILE(3,15): error FS0764: No assignment ..." as compilers write it; an empty line ends it.
let private mistake =
    Regex(
        @"^(?<file>.*)\((?<line>\d+),(?<column>\d+)\): error FS\d+: (?<text>.*(\n.*\S.*)*)",
        RegexOptions.Multiline
    )

/// What stopped a script that compiled.
let private exceptions =
    Regex(@"^[\w.]*Exception: (?<text>.*)$", RegexOptions.Multiline)

let private sentence (text: string) =
    Regex.Replace(text.Trim(), @"\s+", " ").TrimEnd '.'

let private mistakes (path: string) (text: string) (complaints: string) = [|
    let before = (prelude path).Length
    let lines = text.TrimEnd().Split('\n').Length

    for found in mistake.Matches complaints do
        let file, line = found.Groups["file"].Value, int found.Groups["line"].Value
        // What does not even parse is placed in the whole session.
        let typed = file.EndsWith("stdin", StringComparison.Ordinal)

        if file = path || typed then
            let line = if typed then Math.Clamp(line - before, 1, lines) else line

            Problem.at
                $"""{path}, line {line}, column {found.Groups["column"].Value}"""
                (sentence found.Groups["text"].Value)
                "Correct the script there"
|]

/// The networks of a finished session, or why there are none.
let private answered path text (answer: string) (complaints: string) =
    let refuse what fix =
        raise (SpecException [| Problem.at path what fix |])

    match mistakes path text complaints, exceptions.Match complaints with
    | [||], stopped when stopped.Success ->
        refuse $"""stopped: {sentence stopped.Groups["text"].Value}""" "Correct the script"
    | [||], _ when File.Exists answer -> [
        for line in File.ReadAllLines answer ->
            if line.StartsWith '!' then
                refuse (line.Substring 1) "End the script with a network or a list of networks"
            else
                fromJson path line
      ]
    | [||], _ when complaints.Contains "'it' is not defined" ->
        refuse "ends without a value" "End the script with the network itself"
    | [||], _ -> refuse $"can't be run: {sentence complaints}" "Run it with dotnet fsi to see more"
    | mistakes, _ -> raise (SpecException mistakes)

let private fromScript (path: string) =
    let path = Path.GetFullPath path
    let text = readText path
    let answer = Path.GetTempFileName()
    File.Delete answer

    try
        use session = start ()
        let complaints = session.StandardError.ReadToEndAsync()
        // What a script prints is for people, and stdout may be for programs.
        session.OutputDataReceived.Add(fun line ->
            if not (String.IsNullOrEmpty line.Data) then
                eprintfn "%s" line.Data)

        session.BeginOutputReadLine()
        session.StandardInput.Write(String.Join('\n', [ yield! prelude path; text; yield! ending answer ]))
        session.StandardInput.Close()
        session.WaitForExit()
        answered path text answer complaints.Result
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
