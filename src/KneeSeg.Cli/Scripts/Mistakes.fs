/// The commonest mistakes behind F#'s errors, in the words of the language and with the corrected line.
module KneeSeg.Cli.Scripts.Mistakes

open System.Text.RegularExpressions
open KneeSeg.Cli.Scripts.SourceLine
open KneeSeg.Cli.Scripts.ArgumentMistakes
open KneeSeg.Cli.Scripts.TypeMistakes

/// An error of F#: its number, its text in one line, and the place in the script, counted from 1.
type CompileError = { Number: int; Text: string; Line: int; Column: int }

/// A name that is not defined: a word of another library, another language's keyword, or the name without quotes.
let private undefined (line: string) column (name: string) : Explanation option =
    let stop = column + String.length name

    match name with
    | "Let" -> Some("`let` is written in lower case", instead line column stop "let")
    | "def"
    | "function"
    | "func"
    | "fn"
    | "import"
    | "from"
    | "const"
    | "var" ->
        Some(
            $"`{name}` is not F#",
            "Name a value or a function with `let`, as in `let block width = chain [ conv 3 width; relu ]`"
        )
    | "softmax"
    | "Softmax"
    | "log_softmax" ->
        Some(
            "a network outputs logits; softmax belongs to the loss and to prediction",
            "Remove it, and end the network with `classify`"
        )
    | _ when Regex.IsMatch(line.Substring(0, column), @"\b(network[23]d|stage|recall|output|tied|shared) $") ->
        Some("a name stands in double quotes", instead line column stop $"\"{name}\"")
    | "labels"
    | "signedDistance"
    | "presence" ->
        let target = string (System.Char.ToUpperInvariant name[0]) + name.Substring 1
        Some("a target begins with a capital letter", instead line column stop target)
    | _ when Regex.IsMatch(line, $@"^\s*{Regex.Escape name} *= ") ->
        Some("a name is given to a value with `let`", write ("let " + line.Trim()))
    | _ ->
        let full = Regex.Match(line.Substring column, @"^[\w.]+").Value

        match Vocabulary.ofOtherLibrary full with
        | Some here -> Some($"the language has no `{full}`", write here)
        | None -> None

/// The names that a script gives to values and functions.
let private defined (source: string array) =
    set [
        for line in source do
            for name in Regex.Matches(line, @"^\s*let (?:rec |inline |mutable )?(\w+)") do
                name.Groups[1].Value
    ]

/// Words of the language that a script gives another meaning.
let shadowed (source: string array) =
    defined source |> Seq.filter isWord |> List.ofSeq

/// Python's ways to write a function, up to the line of an error.
let private pythonFunction (source: string array) : Explanation option =
    source
    |> Array.tryPick (fun line ->
        if Regex.IsMatch(line, @"^\s*def \w+") then
            Some "let block width = chain [ conv 3 width; relu ]"
        elif Regex.IsMatch(line, @"\blambda\b") then
            Some(Regex.Replace(line.Trim(), @"let (\w+) = lambda (\w+) ?: ?", "let $1 $2 = "))
        else
            None)
    |> Option.map (fun right -> "a function is defined with `let`", write right)

/// What the commonest mistakes mean, from F#'s error and the script's lines; None where F#'s own text must do.
let explain (source: string array) (error: CompileError) : Explanation option =
    let at index =
        if index >= 1 && index <= source.Length then
            source[index - 1]
        else
            ""

    let line, column = at error.Line, error.Column - 1
    let fits = column >= 0 && column < line.Length
    let trimmed = line.Trim()

    let python = lazy (pythonFunction (Array.truncate error.Line source))

    match error.Number with
    | 1161 -> Some("tabs cannot indent a script", "Indent with spaces; most editors have a setting for it")
    | 3353 -> Some("a comment begins with `//`", write ("// " + trimmed.TrimStart('#', ' ')))
    | 3221 ->
        Some(
            "this block is not part of the list",
            "Put every element on a line of its own without `;` and `yield`, or all of them between `;`"
        )
    | 764 ->
        let field = Regex.Match(error.Text, "field '(.+?)'").Groups[1].Value
        let kind = Regex.Match(error.Text, @"of type '(?:[\w.]+\.)?(\w+)'").Groups[1].Value

        if kind = "Level" then
            Some(
                $"a level needs `{field}`",
                $"Add `{field} = ...`; a level has Encode, Down, Skip, Up and Decode"
            )
        else
            None
    | 583
    | 598 ->
        let bracket = if fits then string line[column] else "["

        let closing =
            match bracket with
            | "(" -> ")"
            | "{" -> "}"
            | _ -> "]"

        Some($"this `{bracket}` is never closed", $"Add `{closing}` where it should end")
    | 748 when fits ->
        Some(
            "a function's value is its last line, without `return`",
            write (Regex.Replace(trimmed, @"\breturn ", ""))
        )
    | _ when python.Value.IsSome -> python.Value
    | 10 when Regex.IsMatch(line, @"\bfor\b.*\bin\b") && error.Text.Contains "'for'" ->
        let list =
            match enclosing line column with
            | Some(start, stop) ->
                Regex.Replace(
                    line.Substring(start, stop - start),
                    @"^\[ *(.+?) for (\w+) in (.+?) *\]$",
                    "[ for $2 in $3 do $1 ]"
                )
            | None -> "[ for width in [ 8; 16 ] do level width ]"

        Some("`for` stands first in a list", write list)
    | 10 when error.Text.Contains "symbol ':'" && Regex.IsMatch(line, @"\w+ ?: ") ->
        Some(
            "the fields of a level are given with `=`",
            write (Regex.Replace(trimmed, @"(\w+) ?: ", "$1 = "))
        )
    | 10 when error.Text.Contains "';;'" && line.Contains ";;" ->
        Some("elements are separated by one `;`", write (trimmed.Replace(";;", ";")))
    | 10 when error.Text.Contains "Expected '}'" ->
        Some("a `{` before this is never closed", "Add `}` at the end of the level")
    | 10 when error.Text.Contains "Expected ']'" ->
        Some("a `[` before this is never closed", "Add `]` where it should end")
    | 3 when fits ->
        match application line column with
        | Some { Head = head } when isWord head.Text && (defined source).Contains head.Text ->
            Some(
                $"`{head.Text}` is defined in this script, and takes other arguments than the language's",
                "Give the script's own another name"
            )
        | used -> Option.bind (tooMany line) used
    | 39 when fits ->
        let name = Regex.Match(error.Text, "'(.+?)' is not defined").Groups[1].Value
        let member' = Regex.Match(error.Text, "member named '(.+?)'").Groups[1].Value

        if member' <> "" && error.Text.Contains "'Network'" then
            Some("a variant is applied with `|>`", "Write, for example, `|> gated` or `|> scaled 0.5`")
        elif name <> "" then
            undefined line column name
        else
            None
    | 1 when error.Text.Contains "a tuple of length 3 of type int * int * int" ->
        Some("depth, height and width are three numbers", "Write, for example, `(1, 3, 3)`")
    | 1 when error.Text.Contains "Expecting a 'int -> int -> Level' but given a 'int -> Level'" ->
        Some(
            "a level in `levelsOf` takes its own width and the next",
            "Write `let level width below = ...`; `List.map level [ 8; 16 ]` gives one width each"
        )
    | 1 when fits ->
        match mismatch error.Text with
        | Some(expected, found) -> wrongType line (at (error.Line + 1)) column expected found
        | None when error.Text.Contains "'Block' does not match the type 'int'" ->
            Some("blocks cannot be multiplied", "Write `repeat 2 (conv 3 8)`")
        | None when error.Text.Contains "'float' does not match the type 'int'" -> Some wholeNumber
        | None -> None
    | _ -> None
