/// Runs a user's script in `dotnet fsi`, with the language referenced and opened. Nothing is written anywhere: the
/// script's value comes back as marked lines, and the script ends when this program does, with all that it started.
module KneeSeg.Cli.Scripts.Run

open System
open System.Collections.Generic
open System.IO
open System.Threading.Tasks
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Dsl

/// What came of a script.
type Outcome = {
    /// F# was there, with the language, and came to the script.
    Began: bool
    /// What the script's value came to, as `Script.answers` has it; nothing where it did not get so far.
    Answers: string list
    /// What F# and the script wrote to stderr.
    Errors: string
    Exit: int
}

let private around name =
    Path.Combine(AppContext.BaseDirectory, "Scripts", name)

/// A home of its own for `dotnet` where the user has none that can be written, as in many containers: it does not start
/// without one.
let private home () : Temporary | null =
    let own =
        match Environment.GetEnvironmentVariable "DOTNET_CLI_HOME" with
        | null -> Environment.GetFolderPath Environment.SpecialFolder.UserProfile
        | own -> own

    try
        Directory.CreateDirectory(Path.Combine(Path.GetFullPath own, ".dotnet"))
        |> ignore

        null
    with
    | :? ArgumentException // no such folder
    | :? IOException
    | :? UnauthorizedAccessException -> Temporary.Folder()

let private start (path: string) (home: Temporary | null) =
    let session =
        ChildProcess.Start(
            "dotnet",
            [
                "fsi"
                "--quiet"
                "--nologo"
                "--readline-"
                "--consolecolors-"
                // Exceptions then know their lines.
                "--optimize-"
                $"-r:{typeof<Networks>.Assembly.Location}"
                $"""--use:{around "before.fsx"}"""
                $"--use:{path}"
                $"""--use:{around "after.fsx"}"""
                "--exec"
            ],
            [
                KeyValuePair("DOTNET_CLI_UI_LANGUAGE", "en")
                // In a new home it would greet, and complain of workloads.
                KeyValuePair("DOTNET_NOLOGO", "true")
                KeyValuePair("DOTNET_SKIP_WORKLOAD_INTEGRITY_CHECK", "true")
                match home with
                | null -> ()
                | home -> KeyValuePair("DOTNET_CLI_HOME", home.Path)
            ]
        )

    match session with
    | null ->
        Stop.at
            ExitCode.Resources
            "dotnet fsi"
            "there is no dotnet to run scripts with"
            "Install the .NET 10 SDK and put dotnet on the PATH, or give the spec as .json"
    | session -> session

/// Runs the script at a full path to its end. What it prints goes to stderr: it is for people, and stdout may be
/// for programs.
let run (path: string) : Outcome =
    use home = home ()
    use session = start path home
    let errors = session.Errors.ReadToEndAsync()
    let answers = ResizeArray<string>()

    let rec read () =
        match session.Output.ReadLine() with
        | null -> ()
        | line ->
            if line.StartsWith(Script.mark, StringComparison.Ordinal) then
                answers.Add(line.Substring Script.mark.Length)
            elif line <> "" then
                eprintfn "%s" line

            read ()

    let output = Task.Run read
    let exit = session.WaitForExit()
    output.Wait()

    {
        Began = answers.Count > 0
        Answers = answers |> Seq.filter ((<>) "") |> List.ofSeq
        Errors = errors.Result
        Exit = exit
    }
