/// `kneeseg new`: a spec to start from.
module KneeSeg.Cli.Commands.New

open System
open System.IO
open System.Text.RegularExpressions
open Argu
open KneeSeg
open KneeSeg.Cli

/// What it takes.
type Arguments =
    | [<MainCommand; ExactlyOnce>] File of FILE: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | File _ -> "the file to make, such as my-network.fsx; the network gets its name"

/// A path as a shell takes it.
let private word (path: string) =
    if Regex.IsMatch(path, @"^[\w./-]+$") then
        path
    else
        "'" + path.Replace("'", @"'\''") + "'"

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let path = arguments.GetResult File
    let name = string (Path.GetFileNameWithoutExtension path)

    if (string (Path.GetExtension path)).ToLowerInvariant() <> ".fsx" then
        Stop.usage path "a spec to write in is an F# script" "End the file's name in .fsx"

    if not (Regex.IsMatch(name, @"^\w[\w .-]*$")) || Seq.exists Char.IsControl path then
        Stop.usage
            path
            "a network can't have this file's name"
            "Use letters, digits, spaces, dots and hyphens, a letter or digit first"

    if Path.Exists path then
        Stop.at ExitCode.Resources path "exists, and is left as it is" "Choose another name"

    let words =
        dict [
            "NAME", name
            "FILE", word path
            "RUN", word $"runs/{name}"
            "LABELS", word $"labels/{name}"
        ]

    let pattern =
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Scripts", "new.fsx"))

    let text =
        Regex.Replace(pattern, @"\b(NAME|FILE|RUN|LABELS)\b", fun found -> words[found.Value])

    AtomicFile.WriteText(path, text)
    printfn "%s: a network to start from" path
    printfn "Look at it with  ./kneeseg describe %s" (word path)
    ExitCode.Done

/// The command.
let command =
    Command.create
        "new"
        "a network of your own to start from"
        "Writes a file with a small network for 3D MRI that trains as it is, with comments that say what each line does
and what to do next. A file that exists is left alone."
        "kneeseg new my-network.fsx"
        run
