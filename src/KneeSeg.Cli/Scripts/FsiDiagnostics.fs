/// The errors that `dotnet fsi` prints for a script that does not compile or throws, as diagnostics with their lines.
module KneeSeg.Cli.Scripts.FsiDiagnostics

open System
open System.IO
open System.Text.RegularExpressions
open KneeSeg.Dsl

/// "FILE(3,15): error FS0764: No assignment ..."; an empty line ends it.
let private compileError =
    Regex(
        @"^(?<file>.+)\((?<line>\d+),(?<column>\d+)\): error FS(?<number>\d+): (?<text>.*(\n.*\S.*)*)",
        RegexOptions.Multiline
    )

/// "The value or constructor 'convv' is not defined. Maybe you want one of the following:", and names.
let private unknown =
    Regex(
        @"^(The value or constructor )?(?<what>.*'(?<word>[^']+)'.*?) Maybe you want one of the following: (?<names>.+)$"
    )

/// "System.Exception: what", maybe in several lines, then "   at f(x) in FILE:line 4".
let private uncaught =
    Regex(
        @"^(?<kind>\w+[.+][\w.+`]*)(: (?<text>(.|\n)*?))?\n(?<calls>   at (.|\n)*)\nStopped due to error",
        RegexOptions.Multiline
    )

let private call =
    Regex(@" in (?<file>.+\.fsx):line (?<line>\d+)$", RegexOptions.Multiline)

/// The script as the user named it; a file that it loads as F# names it.
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

/// The lines of a file that an error is in; none where it cannot be read.
let private lines file =
    try
        File.ReadAllLines file
    with
    | :? IOException
    | :? UnauthorizedAccessException -> [||]

let private compiled path (found: Match) =
    let at (group: string) = found.Groups[group].Value
    let where = $"""{named path (at "file")}, line {at "line"}, column {at "column"}"""
    let text = sentence (at "text")
    let guess = unknown.Match text

    let explained =
        Mistakes.explain (lines (at "file")) {
            Number = int (at "number")
            Text = text
            Line = int (at "line")
            Column = int (at "column")
        }

    match explained with
    | Some(what, fix) -> Diagnostic.at where what fix
    | None when guess.Success ->
        let names = guess.Groups["names"].Value.Split ' ' |> List.ofArray |> List.distinct

        let near =
            match Diagnostic.nearest names guess.Groups["word"].Value with
            | [] -> names
            | near -> near

        Diagnostic.at where (guess.Groups["what"].Value.TrimEnd '.') (Diagnostic.didYouMean near)
    | None -> Diagnostic.at where text "Correct the script there"

let private thrown path (found: Match) =
    let place = call.Match found.Groups["calls"].Value

    let where =
        if place.Success then
            $"""{named path place.Groups["file"].Value}, line {place.Groups["line"].Value}"""
        else
            path

    let kind, text = found.Groups["kind"].Value, sentence found.Groups["text"].Value

    match text.Split(". ", 2) with
    | [| what; fix |] when kind.EndsWith(nameof MisusedWord) -> Diagnostic.at where what fix
    | _ ->
        let why = if text = "" then kind else text
        Diagnostic.at where $"the script threw an exception: {why}" "Correct the script there"

/// The errors in a session's stderr; empty if it names none.
let diagnostics (path: string) (errors: string) : Diagnostic list =
    let uncaught = uncaught.Match errors

    match List.ofSeq (compileError.Matches errors) with
    // One mistake may be several errors.
    | _ :: _ as found ->
        List.map (compiled path) found
        |> List.distinctBy (fun error -> error.What, error.Fix)
    | [] when uncaught.Success -> [ thrown path uncaught ]
    | [] when Regex.IsMatch(errors, @"^Stack overflow\.", RegexOptions.Multiline) -> [
        Diagnostic.at path "the script overflowed the stack" "End its recursion"
      ]
    | [] -> []
