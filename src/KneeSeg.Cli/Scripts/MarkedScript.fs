/// A script whose lines say what they made: before each expression that begins a statement, an element of a list or a field's
/// value stands a mark, on a line of its own, so that all else stays in its column.
module KneeSeg.Cli.Scripts.MarkedScript

open System
open KneeSeg.Cli.Scripts.SourceLine

/// Where statements begin: in a column, and in what. The rest of a bracket may stand further left.
type private Block = { Column: int; IsBracket: bool }

let private keywords =
    set [
        for word in
            ("and assert begin class do done elif else end exception extern finally fixed for fun function if in inherit "
             + "inline interface internal lazy let match member module mutable namespace new not null of open override private public rec "
             + "return static struct then to try type upcast use val when while with yield true false")
                .Split
                ' ' -> word
    ]

/// After these at the end of a line, a statement begins on the next.
let private openers =
    set [ "="; "->"; "["; "("; "{"; "do"; "then"; "else"; "<|"; "with" ]

let private isName (token: Token) =
    (Char.IsLetter token.Text[0] || token.Text[0] = '_')
    && not (keywords.Contains token.Text)

/// The blocks that are open after a line's tokens, and whether the next line begins one.
let private after (blocks: Block list) (tokens: Token list) =
    let step (blocks, pending) (token: Token, next: Token option) =
        match token.Text with
        | "["
        | "("
        | "{" ->
            match next with
            | Some first -> { Column = first.Start; IsBracket = true } :: blocks, false
            | None -> blocks, true
        | "]"
        | ")"
        | "}" ->
            match blocks |> List.skipWhile (fun block -> not block.IsBracket) with
            | _ :: outer -> outer, false
            | [] -> blocks, false
        | text -> blocks, next.IsNone && openers.Contains text

    List.zip tokens (List.map Some tokens.Tail @ [ None ])
    |> List.fold step (blocks, false)

/// The column of the expression to mark in a line that begins a statement.
let private expression (tokens: Token list) =
    let value (tokens: Token list) =
        match tokens with
        | first :: _ when isName first || first.Text = "{" -> Some first.Start
        | _ -> None

    match tokens with
    | { Text = "let" } :: rest ->
        match rest |> List.skipWhile (fun token -> token.Text <> "=") with
        | _ :: rest -> value rest
        | [] -> None
    | _ :: { Text = "=" } :: rest -> value rest
    | _ :: { Text = ":" | "<" } :: _ -> None
    | _ when (List.last tokens).Text = "with" -> None
    | first :: _ when isName first -> Some first.Start
    | _ -> None

/// The script with its lines marked, without directives, which are in force already.
let text (source: string array) : string =
    let step (blocks: Block list, pending, written) (number, line: string) =
        match tokens line with
        | [] -> blocks, pending, line :: written
        | first :: _ when first.Text = "#" -> blocks, pending, "" :: written
        | first :: _ as tokens ->
            let outer =
                blocks
                |> List.skipWhile (fun block -> block.Column > first.Start && not block.IsBracket)

            // What the line before opened begins here.
            let blocks =
                match pending with
                | Some isBracket -> { Column = first.Start; IsBracket = isBracket } :: outer
                | None -> outer

            let begins =
                match blocks with
                | top :: _ -> top.Column = first.Start
                | [] -> first.Start = 0

            let written =
                match (if begins then expression tokens else None) with
                | Some column ->
                    String(' ', column) + line.Substring column
                    :: $"{line.Substring(0, column)}global.KneeSeg.Dsl.ScriptLines.at {number} :="
                    :: written
                | None -> line :: written

            let blocks, opens = after blocks tokens

            let pending =
                if opens then
                    Some("[({".Contains (List.last tokens).Text)
                else
                    None

            blocks, pending, written

    let _, _, written =
        (([ { Column = 0; IsBracket = false } ], None, []), Array.indexed source)
        ||> Array.fold (fun state (index, line) -> step state (index + 1, line))

    String.Join('\n', List.rev written)
