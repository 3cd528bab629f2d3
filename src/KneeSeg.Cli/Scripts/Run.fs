/// Runs a user's script in `dotnet fsi`, with the language referenced and opened. Nothing is written anywhere: the
/// script's value comes back as marked lines, and the script ends when this program does, for its input closes then.
module KneeSeg.Cli.Scripts.Run

open System
open System.Diagnostics
open System.IO
open System.Text
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

let private start (path: string) =
    let info =
        ProcessStartInfo(
            "dotnet",
            [
                "fsi"
                "--quiet"
                "--nologo"
                "--readline-"
                "--consolecolors-"
                // Exceptions then know their lines.
                "--optimize-"
                $"-r:{typeof<Models>.Assembly.Location}"
                $"""--use:{around "before.fsx"}"""
                $"--use:{path}"
                $"""--use:{around "after.fsx"}"""
                "--exec"
            ],
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8
        )

    info.Environment["DOTNET_CLI_UI_LANGUAGE"] <- "en"

    let session =
        try
            Process.Start info
        with :? ComponentModel.Win32Exception ->
            null

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
    use session = start path
    let errors = session.StandardError.ReadToEndAsync()
    let answers = ResizeArray<string>()

    session.OutputDataReceived.Add(fun data ->
        match data.Data with
        | NonNull line when line.StartsWith(Script.mark, StringComparison.Ordinal) ->
            answers.Add(line.Substring Script.mark.Length)
        | NonNull line when line <> "" -> eprintfn "%s" line
        | _ -> ())

    session.BeginOutputReadLine()
    session.WaitForExit()

    {
        Began = answers.Count > 0
        Answers = answers |> Seq.filter ((<>) "") |> List.ofSeq
        Errors = errors.Result
        Exit = session.ExitCode
    }
