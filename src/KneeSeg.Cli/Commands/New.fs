/// `kneeseg new`: a network file to start from.
module KneeSeg.Cli.Commands.New

open System
open System.IO
open System.Text.RegularExpressions
open Argu
open KneeSeg
open KneeSeg.Cli

/// The arguments.
type Arguments =
    | [<MainCommand; ExactlyOnce>] File of FILE: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | File _ -> "file to create, such as my-network.fsx; the network is named after it"

/// A path, quoted for a shell where necessary.
let private word (path: string) =
    if Regex.IsMatch(path, @"^[\w./-]+$") then
        path
    else
        "'" + path.Replace("'", @"'\''") + "'"

/// The folder of the language's library, for an editor: relative inside the clone, which moves as a whole, since a script
/// elsewhere moves alone.
let private library (path: string) =
    let program = Path.TrimEndingDirectorySeparator AppContext.BaseDirectory
    let clone = Path.GetFullPath(Path.Combine(program, "..", ".."))
    let folder = string (Path.GetDirectoryName(Path.GetFullPath path))

    let found =
        if $"{folder}/".StartsWith $"{clone}/" then
            Path.GetRelativePath(folder, program)
        else
            program

    found.Replace(@"\", "/").Replace("\"", "\\\"")

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let path = arguments.GetResult File
    let name = string (Path.GetFileNameWithoutExtension path)

    if (string (Path.GetExtension path)).ToLowerInvariant() <> ".fsx" then
        Fail.usage path "a new network is an F# script" "Use a file name that ends in .fsx"

    if not (Regex.IsMatch(name, @"^\w[\w .-]*$")) || Seq.exists Char.IsControl path then
        Fail.usage
            path
            "not a valid network name"
            "Use letters, digits, spaces, dots and hyphens, a letter or digit first"

    if Path.Exists path then
        Fail.at ExitCode.Resources path "the file exists" "Choose another name"

    let words =
        dict [
            "NAME", name
            "FILE", word path
            "RUN", word $"runs/{name}"
            "LABELS", word $"labels/{name}"
            "LIBRARY", library path
        ]

    let pattern =
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Scripts", "new.fsx"))

    let text =
        Regex.Replace(pattern, @"\b(NAME|FILE|RUN|LABELS|LIBRARY)\b", fun found -> words[found.Value])

    AtomicFile.WriteText(path, text)
    printfn "created %s" path
    printfn "Next: ./kneeseg describe %s" (word path)
    ExitCode.Done

/// The command.
let command =
    Command.create
        "new"
        "Create a network file to start from"
        "Writes a small, commented network for 3D MRI that can be trained as it is. An existing file is not overwritten."
        "kneeseg new my-network.fsx"
        run
