/// The commonest mistakes behind F#'s errors, in the words of the language and with the corrected line.
module KneeSeg.Cli.Scripts.Mistakes

open System
open System.Text.RegularExpressions
open KneeSeg.Cli.Scripts.SourceLine
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec

/// An error of F#: its number, its text in one line, and the place in the script, counted from 1.
type CompileError = { Number: int; Text: string; Line: int; Column: int }

/// What is wrong and what to do.
type Explanation = string * string

let private write text = $"Write `{text}`"

/// "expected to have type 'A' but here has type 'B'" and its relatives: A, B.
let private mismatch (text: string) =
    let found =
        Regex.Match(
            text,
            @"(type|which here is) '(?<expected>.+?)'\.? (but here has type|but is a tuple of type|This element has type) '(?<found>.+)'"
        )

    if found.Success then
        Some(found.Groups["expected"].Value, found.Groups["found"].Value)
    else
        None

let private isFunctionWord (text: string) =
    match Vocabulary.find text with
    | Some word -> not word.Takes.IsEmpty
    | None -> false

let private isWord (text: string) = (Vocabulary.find text).IsSome

/// An argument that is itself a word with arguments, and so needs brackets: where it starts in the list, and its text.
let private unbracketed (line: string) (given: (Token * string) list) =
    given
    |> List.tryFindIndex (fun (_, text) -> isFunctionWord text)
    |> Option.bind (fun index ->
        let _, name = given[index]
        let takes = (Vocabulary.find name).Value.Takes.Length
        let used = given |> List.skip index |> List.truncate (takes + 1)

        if used.Length < takes + 1 then
            None
        else
            let first, (last, text) = fst used.Head, List.last used
            Some(first.Start, last.Start + text.Length))

/// More arguments than a word takes: brackets or a `;` are missing, or it takes none.
let private tooMany (line: string) (used: Application) : Explanation option =
    let name = used.Head.Text

    match Vocabulary.find name, unbracketed line used.Arguments with
    | Some { Takes = [ _, kind ] }, _ when kind = typeof<Block list> && not used.Arguments.IsEmpty ->
        let start = (fst used.Arguments.Head).Start
        let inner = line.Substring(start, used.End - start)
        Some($"`{name}` takes a list in square brackets", write (replaced line start used.End $"[ {inner} ]"))
    | _, Some(start, stop) ->
        let inner = line.Substring(start, stop - start)
        Some($"`{inner}` needs brackets here", write (replaced line start stop $"({inner})"))
    | Some word, None when used.Arguments.Length > word.Takes.Length ->
        let extra, text = used.Arguments[word.Takes.Length]

        if isWord text then
            let before = line.Substring(0, extra.Start).TrimEnd()

            Some(
                $"a `;` is missing before `{text}`",
                write $"{before.TrimStart()}; {line.Substring(extra.Start).Trim()}"
            )
        else
            let right = line.Substring(used.Head.Start, extra.Start - used.Head.Start).Trim()

            let takes =
                if word.Takes.IsEmpty then
                    $"`{name}` takes no arguments"
                else
                    $"`{word.Usage}` takes {word.Takes.Length}"

            Some(
                $"{takes}, and `{text}` is one too many",
                write (replaced line used.Head.Start used.End right)
            )
    | Some _, None ->
        Some(
            "this line and the next are read as one",
            "Start every element of a list in the same column, or put `;` between them"
        )
    | None, None ->
        match used.Arguments |> List.tryFind (fun (_, text) -> isWord text) with
        | Some(extra, text) ->
            let before = line.Substring(0, extra.Start).TrimEnd()

            Some(
                $"a `;` is missing before `{text}`",
                write $"{before.TrimStart()}; {line.Substring(extra.Start).Trim()}"
            )
        | None -> None

/// A function where a value is expected: an argument is missing, or was given in other languages' form.
let private tooFew (line: string) (used: Application) : Explanation option =
    let name = used.Head.Text

    match Vocabulary.find name, used.Arguments with
    | Some word, [ first, text ] when Regex.IsMatch(text, @"^\(.*,.*\)$") && word.Takes.Length > 1 ->
        let parts = text.Trim('(', ')').Split ',' |> Array.map _.Trim()
        let call = String.concat " " (name :: List.ofArray parts)

        Some(
            "arguments are separated by spaces, without brackets and commas",
            write (replaced line used.Head.Start used.End call)
        )
    | Some { Name = "encoderDecoder" }, [ _, levels ] ->
        let tokens = tokens levels
        let last = tokens |> List.tryFindIndexBack (fun token -> token.Text = ";")

        let bottleneck =
            match last with
            | Some index when index + 1 < tokens.Length && isWord tokens[index + 1].Text -> Some tokens[index]
            | _ -> None

        match bottleneck with
        | Some semicolon ->
            let inside = levels.Substring(0, semicolon.Start).TrimEnd()
            let bottom = levels.Substring(semicolon.Start + 1).Trim().TrimEnd(']').Trim()
            let call = $"encoderDecoder {inside} ] ({bottom})"

            Some(
                "the bottleneck stands after the list of levels, not in it",
                write (replaced line used.Head.Start used.End call)
            )
        | None ->
            Some(
                "`encoderDecoder` needs a bottleneck after its levels",
                write (replaced line used.Head.Start used.End $"encoderDecoder {levels} (conv 3 64)")
            )
    | Some word, given when given.Length < word.Takes.Length ->
        let missing =
            word.Takes
            |> List.skip given.Length
            |> List.map (fun (name, _) -> $"`{name}`")
            |> String.concat " and "

        Some($"`{name}` is missing its {missing}", $"Write `{word.Usage}`, as in `{Vocabulary.example word}`")
    | None, given -> Some($"`{name}` needs more arguments", $"Write them after it, as in `{name} 16`")
    | _ -> None

let private commas (line: string) column : Explanation option =
    match enclosing line column with
    | Some(start, stop) when line[start] = '[' ->
        let inside = line.Substring(start, stop - start)

        Some(
            "the elements of a list are separated by `;`, not by `,`",
            write (replaced line start stop (inside.Replace(",", ";")))
        )
    | _ -> None

/// The token before a column, if any.
let private before (line: string) column =
    tokens line
    |> List.filter (fun token -> token.Start < column)
    |> List.tryLast
    |> Option.toList

/// A case of the data, such as `Relu`, where a word with the same name is meant.
let private dataCase (token: Token) =
    let word = string (Char.ToLowerInvariant token.Text[0]) + token.Text.Substring 1

    if Char.IsUpper token.Text[0] && isWord word then
        Some(token, word)
    else
        None

/// A mismatch of types, from the types and what stands there.
let private wrongType
    (line: string)
    (next: string)
    column
    (expected: string)
    (found: string)
    : Explanation option =
    let used = application line column
    let here = used |> Option.map _.Head.Text |> Option.defaultValue ""

    match expected, found, used with
    | _, found, Some used when Regex.IsMatch(found, @"^[\w' ]+ -> ") && expected <> "Network -> 'a" ->
        tooFew line used
    | "int", "float", _ when Regex.IsMatch(here, @"^-?\d+\.0*$") ->
        let whole = here.Substring(0, here.IndexOf '.')
        Some("a whole number is needed here", write (replaced line column (column + here.Length) whole))
    | "int", "float", _ -> Some("a whole number is needed here", "Use whole numbers, as in `width / 2`")
    | "string", "char", _ ->
        let name = here.Trim '\''

        Some(
            "text stands in double quotes",
            write (replaced line column (column + here.Length) $"\"{name}\"")
        )
    | "string", found, _ when found.EndsWith "list" ->
        Some("the network's name is missing", write (replaced line column column "\"mine\" "))
    | "int", found, _ when found.StartsWith "int * " || found.EndsWith " list" ->
        match enclosing line column with
        | Some(start, _) when line[start] = '[' && not (found.EndsWith "list") -> commas line column
        | _ ->
            Some(
                "this size is one number, the same along every axis",
                "Write one number; `inPlane (conv 3 8)` has 1x3x3 kernels"
            )
    | _, found, _ when found.Contains " * " -> commas line column
    | ("Block list" | "'a list" | "seq<Block>"), "Block", Some used ->
        let start, stop =
            match enclosing line column with
            | Some(start, stop) when line[start] = '(' -> start, stop
            | _ -> column, used.End

        let inner = line.Substring(start, stop - start)

        let inner =
            if inner.StartsWith '(' then
                inner.Substring(1, inner.Length - 2)
            else
                inner

        Some("a list in square brackets is needed here", write (replaced line start stop $"[ {inner} ]"))
    | "Block", found, _ when found.EndsWith "list" ->
        match enclosing line column with
        | Some(start, stop) when start = column || start + 1 >= column ->
            let inside = line.Substring(start, stop - start)
            Some("one block is needed here, not a list", write (replaced line start stop $"(chain {inside})"))
        | _ -> Some("one block is needed here, not a list", "Write `chain [ ... ]`")
    | "Level list", "Level", _ ->
        Some(
            "a list of levels is needed here",
            "Write `List.map level [ 8; 16 ]`, or `[ level 8; level 16 ]`"
        )
    | "Skip", found, _ when found.EndsWith "option" ->
        Some("a level without a skip connection says so", "Write `Skip = NoSkip`")
    | "Network -> 'a", "string", _ ->
        Some(
            "a variant is applied as a function, without quotes",
            "Write, for example, `|> gated` or `|> scaled 0.5`"
        )
    | ("Block" | "int"), "bool", _ when Regex.IsMatch(next, @"^\s*[A-Z]\w* = ") ->
        Some(
            "the fields of a level start in the same column",
            $"Indent `{next.Trim()}` like the line above it"
        )
    | _, "bool", Some { Head = head; Arguments = given } when
        Regex.IsMatch(line.Substring head.Start, @"^\w+[^;\]]* \w+ ?= ?\w")
        ->
        let named = Regex.Replace(line.Substring head.Start, @"(\w+) ?= ?(\w+)", "$2")

        Some(
            "arguments have no names here",
            write (line.Substring(0, head.Start).TrimStart() + named.TrimEnd())
        )
    | _ ->
        [ before line column; Option.toList used |> List.map _.Head ]
        |> List.concat
        |> List.tryPick dataCase
        |> Option.map (fun (token, word) ->
            $"`{token.Text}` is the data that the word `{word}` makes",
            write (replaced line token.Start (token.Start + token.Text.Length) word))

/// A name that is not defined: a word of another library, another language's keyword, or the name without quotes.
let private undefined (line: string) column (name: string) : Explanation option =
    let stop = column + String.length name

    match name with
    | "Let" -> Some("`let` is written in lower case", write (replaced line column stop "let"))
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
    | _ when Regex.IsMatch(line.Substring(0, column), @"network[23]d $") ->
        Some("the network's name stands in double quotes", write (replaced line column stop $"\"{name}\""))
    | _ when Regex.IsMatch(line, $@"^\s*{Regex.Escape name} *= ") ->
        Some("a name is given to a value with `let`", write ("let " + line.Trim()))
    | _ ->
        let full = Regex.Match(line.Substring column, @"^[\w.]+").Value

        match Vocabulary.ofOtherLibrary full with
        | Some here -> Some($"the language has no `{full}`", write here)
        | None -> None

/// Whether the script has a value or a function of this name.
let private defines (source: string array) name =
    source
    |> Array.exists (fun line -> Regex.IsMatch(line, $@"^\s*let (rec |inline |mutable )?{name}\b"))

/// Words of the language that a script gives another meaning.
let shadowed (source: string array) = [
    for word in Vocabulary.words.Value.Keys do
        if defines source word then
            word
]

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

    let python =
        let before = source |> Array.truncate error.Line |> Array.filter ((<>) "")

        before
        |> Array.tryPick (fun each ->
            if Regex.IsMatch(each, @"^\s*def \w+") then
                Some(
                    each.Trim(),
                    "a function is defined with `let`",
                    "Write `let block width = chain [ conv 3 width; relu ]`"
                )
            elif Regex.IsMatch(each, @"\blambda\b") then
                Some(
                    each.Trim(),
                    "a function is defined with `let`",
                    write (Regex.Replace(each.Trim(), @"let (\w+) = lambda (\w+) ?: ?", "let $1 $2 = "))
                )
            else
                None)

    match error.Number with
    | 1161 -> Some("tabs cannot indent a script", "Use spaces instead; most editors do so when told to")
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
    | _ when python.IsSome ->
        let _, what, fix = python.Value
        Some(what, fix)
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
        | Some { Head = head } when isWord head.Text && defines source head.Text ->
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
    | 1 when fits ->
        match mismatch error.Text with
        | Some(expected, found) -> wrongType line (at (error.Line + 1)) column expected found
        | None when error.Text.Contains "'Block' does not match the type 'int'" ->
            Some("blocks cannot be multiplied", "Write `repeat 2 (conv 3 8)`")
        | None when error.Text.Contains "'float' does not match the type 'int'" ->
            Some("a whole number is needed here", "Use whole numbers, as in `width / 2`")
        | None -> None
    | _ -> None
