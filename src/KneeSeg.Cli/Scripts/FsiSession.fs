/// Runs a user's script in `dotnet fsi`, with the language referenced and opened. The script's value comes back as marked
/// lines on stdout, and the session and its children end with this program.
module KneeSeg.Cli.Scripts.FsiSession

open System
open System.Collections.Generic
open System.IO
open System.Threading.Tasks
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Dsl

/// The result of a script.
type Outcome = {
    /// F# started and loaded the language.
    Started: bool
    /// The networks of the script's value, or the reason there are none; empty if the script did not reach its end.
    Results: string list
    /// The session's stderr.
    Errors: string
    Exit: int
}

let private bundled name =
    Path.Combine(AppContext.BaseDirectory, "Scripts", name)

/// A temporary home for `dotnet` where the user's cannot be written, as in many containers: it does not start without one.
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

let private start (path: string) (hold: Temporary option) (home: Temporary | null) =
    let session =
        ChildProcess.Start(
            "dotnet",
            [
                "fsi"
                "--quiet"
                "--nologo"
                "--readline-"
                "--consolecolors-"
                // Keeps line numbers in exceptions.
                "--optimize-"
                // A block that F# drops, and a comment that begins with #.
                "--warnaserror:3221,3353"
                $"-r:{typeof<Networks>.Assembly.Location}"
                // A script may look for the library in a folder that another machine has, which F# would warn of.
                $"--lib:{AppContext.BaseDirectory}"
                "--nowarn:211"
                $"""--use:{bundled "before.fsx"}"""
                if hold.IsSome then
                    $"""--use:{bundled "wait.fsx"}"""
                $"--use:{path}"
                $"""--use:{bundled "after.fsx"}"""
                "--exec"
            ],
            [
                KeyValuePair("DOTNET_CLI_UI_LANGUAGE", "en")
                // A first run in a new home prints a welcome and checks workloads.
                KeyValuePair("DOTNET_NOLOGO", "true")
                KeyValuePair("DOTNET_SKIP_WORKLOAD_INTEGRITY_CHECK", "true")
                match home with
                | null -> ()
                | home -> KeyValuePair("DOTNET_CLI_HOME", home.Path)

                for hold in Option.toList hold do
                    KeyValuePair("KNEESEG_HOLD", hold.Path)
            ]
        )

    match session with
    | null ->
        Fail.at
            ExitCode.Resources
            "dotnet fsi"
            "dotnet not found"
            "Install the .NET 10 SDK and put dotnet on the PATH, or give the spec as .json"
    | session -> session

/// What a session answers. What the script prints goes to stderr, since stdout may be read by programs.
let private answer (session: ChildProcess) =
    let errors = session.Errors.ReadToEndAsync()
    let results = ResizeArray<string>()

    let rec read () =
        match session.Output.ReadLine() with
        | null -> ()
        | line ->
            if line.StartsWith(Script.mark, StringComparison.Ordinal) then
                results.Add(line.Substring Script.mark.Length)
            elif line <> "" then
                eprintfn "%s" line

            read ()

    let output = Task.Run read
    let exit = session.WaitForExit()
    output.Wait()

    {
        Started = results.Count > 0
        Results = results |> Seq.filter ((<>) "") |> List.ofSeq
        Errors = errors.Result
        Exit = exit
    }

/// Runs the script at a full path.
let run (path: string) : Outcome =
    use home = home ()
    use session = start path None home
    answer session

/// A session that has started, so that the script at a full path is answered at once when it is wanted.
type Standby(path: string) =
    let home = home ()
    let hold = Temporary.Folder()
    let session = start path (Some hold) home

    /// Runs the script, as it is now; once only.
    member _.Run() : Outcome =
        hold.Dispose()
        answer session

    interface IDisposable with
        member _.Dispose() =
            session.Dispose()
            hold.Dispose()

            match home with
            | null -> ()
            | home -> home.Dispose()
