/// A line of a script as words, numbers and brackets: enough to see which argument a mistake is about.
module KneeSeg.Cli.Scripts.SourceLine

open System.Text.RegularExpressions

type Token = { Text: string; Start: int }

let private pattern =
    Regex @"""[^""]*""|'[^']*'|[A-Za-z_][\w.]*|-?\d[\d.]*|\|>|<\||->|//.*|\S"

/// The tokens of a line, without a comment.
let tokens (line: string) = [
    for found in pattern.Matches line do
        if not (found.Value.StartsWith "//") then
            { Text = found.Value; Start = found.Index }
]

/// The argument that a list of tokens begins with, a word or whole brackets, and the rest.
let private argument tokens =
    let rec inside open' taken rest =
        match rest with
        | [] -> List.rev taken, []
        | token :: rest ->
            let depth =
                match token.Text with
                | "["
                | "("
                | "{" -> open' + 1
                | "]"
                | ")"
                | "}" -> open' - 1
                | _ -> open'

            if depth = 0 then
                List.rev (token :: taken), rest
            else
                inside depth (token :: taken) rest

    match tokens with
    | first :: _ when "[({".Contains first.Text -> Some(inside 0 [] tokens)
    | first :: rest when Regex.IsMatch(first.Text, @"^[\w""'-]") && first.Text <> "->" ->
        Some([ first ], rest)
    | _ -> None

let private keywords = set [ "then"; "else"; "do"; "in"; "with"; "of"; "for"; "if" ]

/// A word applied to arguments.
type Application = {
    Head: Token
    /// Each with its text as it stands in the line.
    Arguments: (Token * string) list
    /// Where it ends in the line.
    End: int
}

/// The application whose head begins at a column (from 0).
let application (line: string) column =
    match tokens line |> List.skipWhile (fun token -> token.Start < column) with
    | [] -> None
    | head :: rest ->
        let rec arguments taken rest =
            match rest with
            | first :: _ when keywords.Contains first.Text -> List.rev taken
            | _ ->
                match argument rest with
                | Some(tokens, rest) when not tokens.IsEmpty ->
                    let first, last = tokens.Head, List.last tokens
                    let stop = last.Start + last.Text.Length
                    arguments ((first, line.Substring(first.Start, stop - first.Start)) :: taken) rest
                | _ -> List.rev taken

        let given = arguments [] rest

        let stop =
            match List.tryLast given with
            | Some(first, text) -> first.Start + text.Length
            | None -> head.Start + head.Text.Length

        Some { Head = head; Arguments = given; End = stop }

/// The innermost brackets around a column: where they start and end.
let enclosing (line: string) column =
    let step (opened, groups) token =
        match token.Text, opened with
        | ("[" | "(" | "{"), _ -> token.Start :: opened, groups
        | ("]" | ")" | "}"), start :: rest -> rest, (start, token.Start + 1) :: groups
        | _ -> opened, groups

    match
        (([], []), tokens line)
        ||> List.fold step
        |> snd
        |> List.filter (fun (start, stop) -> start <= column && column < stop)
    with
    | [] -> None
    | around -> around |> List.minBy (fun (start, stop) -> stop - start) |> Some
