/// What `dotnet fsi` writes about a script that it cannot compile or that stops, as diagnostics with their lines.
module KneeSeg.Cli.Scripts.Complaints

open System.IO
open System.Text.RegularExpressions
open KneeSeg.Dsl

/// "FILE(3,15): error FS0764: No assignment ..."; an empty line ends it.
let private mistake =
    Regex(
        @"^(?<file>.+)\((?<line>\d+),(?<column>\d+)\): error FS\d+: (?<text>.*(\n.*\S.*)*)",
        RegexOptions.Multiline
    )

/// "The value or constructor 'convv' is not defined. Maybe you want one of the following:", and names.
let private unknown =
    Regex(@"^(?<what>.*'(?<word>[^']+)'.*?) Maybe you want one of the following: (?<names>.+)$")

/// "System.Exception: what", maybe in several lines, then "   at f(x) in FILE:line 4".
let private stop =
    Regex(
        @"^(?<kind>\w+[.+][\w.+`]*)(: (?<text>(.|\n)*?))?\n(?<calls>   at (.|\n)*)\nStopped due to error",
        RegexOptions.Multiline
    )

let private call =
    Regex(@" in (?<file>.+\.fsx):line (?<line>\d+)$", RegexOptions.Multiline)

/// The file as the user named it; another that it loads as F# names it.
let private named (path: string) file =
    if file = Path.GetFullPath path then path else file

let private sentence (text: string) =
    Regex
        .Replace(text, @"\s+", " ")
        .Replace("KneeSeg.Dsl.Spec.", "")
        .Replace(
            "To continue using non-conforming indentation, pass the '--strict-indentation-' flag to the compiler, "
            + "or set the language version to F# 7.",
            ""
        )
        .Trim(' ', '.')

let private compiled path (found: Match) =
    let at (group: string) = found.Groups[group].Value
    let where = $"""{named path (at "file")}, line {at "line"}, column {at "column"}"""
    let text = sentence (at "text")
    let guess = unknown.Match text

    if guess.Success then
        let names = guess.Groups["names"].Value.Split ' ' |> List.ofArray |> List.distinct

        let near =
            match Diagnostic.nearest names guess.Groups["word"].Value with
            | [] -> names
            | near -> near

        Diagnostic.at
            where
            (guess.Groups["what"].Value.TrimEnd '.')
            $"""Did you mean {String.concat " or " near}?"""
    else
        Diagnostic.at where text "Correct the script there"

let private stopped path (found: Match) =
    let place = call.Match found.Groups["calls"].Value

    let where =
        if place.Success then
            $"""{named path place.Groups["file"].Value}, line {place.Groups["line"].Value}"""
        else
            path

    let why =
        match found.Groups["text"].Value with
        | "" -> found.Groups["kind"].Value
        | text -> text

    Diagnostic.at where $"the script stopped: {sentence why}" "Correct the script there"

/// The diagnostics that stderr holds of a script, which is named as the user did; none where it says nothing of why.
let diagnostics (path: string) (errors: string) : Diagnostic list =
    let stop = stop.Match errors

    match List.ofSeq (mistake.Matches errors) with
    | _ :: _ as mistakes -> List.map (compiled path) mistakes
    | [] when stop.Success -> [ stopped path stop ]
    | [] when Regex.IsMatch(errors, @"^Stack overflow\.", RegexOptions.Multiline) -> [
        Diagnostic.at
            path
            "the script stopped: a function of it calls itself without end"
            "Give the recursion an end"
      ]
    | [] -> []
