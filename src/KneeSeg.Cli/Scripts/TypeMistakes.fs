/// Something of one type where another is needed: data in place of words, lists, numbers and names in other forms.
module KneeSeg.Cli.Scripts.TypeMistakes

open System
open System.Text.RegularExpressions
open KneeSeg.Cli.Scripts.SourceLine
open KneeSeg.Cli.Scripts.ArgumentMistakes

/// "expected to have type 'A' but here has type 'B'" and its relatives: A, B.
let mismatch (text: string) =
    let found =
        Regex.Match(
            text,
            @"(type|which here is) '(?<expected>.+?)'\.? (but here has type|but is a tuple of type|This element has type) '(?<found>.+)'"
        )

    if found.Success then
        Some(found.Groups["expected"].Value, found.Groups["found"].Value)
    else
        None

/// A real number where a whole one is needed.
let wholeNumber: Explanation =
    "a whole number is needed here", "Use whole numbers, as in `width / 2`"

let private commas (line: string) column : Explanation option =
    match enclosing line column with
    | Some(start, stop) when line[start] = '[' ->
        let inside = line.Substring(start, stop - start)

        Some(
            "the elements of a list are separated by `;`, not by `,`",
            instead line start stop (inside.Replace(",", ";"))
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
let wrongType (line: string) (next: string) column (expected: string) (found: string) : Explanation option =
    let used = application line column
    let here = used |> Option.map _.Head.Text |> Option.defaultValue ""

    match expected, found, used with
    | "int * int * int", _, _ ->
        Some(
            "depth, height and width stand in brackets",
            "Write three numbers, as in `(1, 2, 2)`; `strided 2` is the same along every axis"
        )
    | _, found, Some used when Regex.IsMatch(found, @"^[\w' ]+ -> ") && expected <> "Network -> 'a" ->
        tooFew line used
    | "int", "float", _ when Regex.IsMatch(here, @"^-?\d+\.0*$") ->
        let whole = here.Substring(0, here.IndexOf '.')
        Some(fst wholeNumber, instead line column (column + here.Length) whole)
    | "int", "float", _ -> Some wholeNumber
    | "string", "char", _ ->
        let name = here.Trim '\''

        Some("text stands in double quotes", instead line column (column + here.Length) $"\"{name}\"")
    | "string", found, _ when found.EndsWith "list" ->
        Some("the network's name is missing", instead line column column "\"mine\" ")
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

        Some("a list in square brackets is needed here", instead line start stop $"[ {inner} ]")
    | "Block", found, _ when found.EndsWith "list" ->
        match enclosing line column with
        | Some(start, stop) when start = column || start + 1 >= column ->
            let inside = line.Substring(start, stop - start)
            Some("one block is needed here, not a list", instead line start stop $"(chain {inside})")
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
    | _, "bool", Some { Head = head } when Regex.IsMatch(line.Substring head.Start, @"^\w+[^;\]]* \w+ ?= ?\w") ->
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
            instead line token.Start (token.Start + token.Text.Length) word)
