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
    /// Which lines made what in each network, where that was asked for and could be told.
    Lines: string list
    /// The session's stderr.
    Errors: string
    Exit: int
}

let private bundled name =
    Path.Combine(AppContext.BaseDirectory, "Scripts", name)

/// F# Interactive: a program and its first arguments. It is that of the download, which is laid out as an SDK is, or of the newest
/// SDK beside the `dotnet` on the PATH. The SDK's own command line would find the same, but takes 0.2 s, and does not start where the
/// user's home cannot be written, as in many containers.
let private interactive () =
    let version (folder: string) =
        match Version.TryParse(Path.GetFileName folder) with
        | true, version -> Some version
        | _ -> None

    let programs (host: string) = [
        let sdks = DirectoryInfo(Path.Combine(string (Path.GetDirectoryName host), "sdk"))

        if sdks.Exists then
            for sdk in sdks.EnumerateDirectories() do
                let program = Path.Combine(sdk.FullName, "FSharp", "fsi.dll")

                match version sdk.Name with
                | Some version when File.Exists program -> version, program
                | _ -> ()
    ]

    let host =
        [
            Path.Combine(AppContext.BaseDirectory, "dotnet")
            yield! (string (Environment.GetEnvironmentVariable "PATH")).Split Path.PathSeparator
        ]
        |> Seq.map (fun folder -> FileInfo(Path.Combine(folder, "dotnet")))
        |> Seq.tryFind _.Exists
        |> Option.map (fun link ->
            match link.ResolveLinkTarget true with
            | null -> link.FullName
            | host -> host.FullName)

    match host, host |> Option.map programs with
    | Some host, Some(_ :: _ as found) -> host, [ "exec"; snd (List.max found) ]
    | _ -> "dotnet", [ "fsi" ]

/// The script with its lines marked, to be run after it.
type private Marked(path: string) =
    let folder = Temporary.Folder()
    let file = Path.Combine(folder.Path, "marked.fsx")
    do File.WriteAllText(file, "")

    member _.File = file

    /// Marks the script as it is now.
    member _.Write() =
        try
            File.WriteAllText(file, MarkedScript.text (File.ReadAllLines path))
        with :? IOException ->
            ()

    interface IDisposable with
        member _.Dispose() = folder.Dispose()

let private start (path: string) (hold: Temporary option) (marked: Marked option) =
    let program, first = interactive ()

    let session =
        ChildProcess.Start(
            program,
            [
                yield! first
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
                match marked with
                | None -> $"""--use:{bundled "after.fsx"}"""
                | Some marked ->
                    $"""--use:{bundled "again.fsx"}"""
                    $"--use:{marked.File}"
                    $"""--use:{bundled "lines.fsx"}"""
                "--exec"
            ],
            [
                // Four tenths of a second less: a session is short.
                KeyValuePair("DOTNET_gcServer", "0")
                KeyValuePair("DOTNET_gcConcurrent", "0")
                KeyValuePair("DOTNET_GCgen0size", "0x4000000")
                KeyValuePair("DOTNET_TieredPGO", "0")
                // As in this program: messages are in English, and no ICU is needed.
                KeyValuePair("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")

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
            elif line <> "" && results.Count <= 1 then
                eprintfn "%s" line

            read ()

    let output = Task.Run read
    let exit = session.WaitForExit()
    output.Wait()

    let lines, networks =
        results
        |> Seq.filter ((<>) "")
        |> List.ofSeq
        |> List.partition _.StartsWith(Script.lineMark)

    {
        Started = results.Count > 0
        Results = networks
        Lines = [ for line in lines -> line.Substring Script.lineMark.Length ]
        // What the script says when it runs again was said before.
        Errors = (errors.Result.Split Script.mark)[0]
        Exit = exit
    }

/// Runs the script at a full path.
let run (path: string) : Outcome =
    use session = start path None None
    answer session

/// Runs the script at a full path, and tells what its lines made.
let runLines (path: string) : Outcome =
    use marked = new Marked(path)
    marked.Write()
    use session = start path None (Some marked)
    answer session

/// A session that has started, so that the script at a full path is answered at once when it is wanted, with its lines.
type Standby(path: string) =
    let hold = Temporary.Folder()
    let marked = new Marked(path)
    let session = start path (Some hold) (Some marked)

    /// Runs the script, as it is now; once only.
    member _.Run() : Outcome =
        marked.Write()
        hold.Dispose()
        answer session

    interface IDisposable with
        member _.Dispose() =
            session.Dispose()
            hold.Dispose()
            (marked :> IDisposable).Dispose()
