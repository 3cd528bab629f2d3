/// Too many arguments for a word, or too few: missing brackets and semicolons, and other languages' ways to call.
module KneeSeg.Cli.Scripts.ArgumentMistakes

open System.Text.RegularExpressions
open KneeSeg.Cli.Scripts.SourceLine
open KneeSeg.Dsl.Spec

/// What is wrong and what to do.
type Explanation = string * string

let write text = $"Write `{text}`"

/// The line as it should be, with another text in place of a part.
let instead (line: string) start stop text =
    write ((line.Substring(0, start) + text + line.Substring stop).Trim())

let isWord (text: string) = (Vocabulary.find text).IsSome

/// An argument that is itself a word with arguments, and so needs brackets: where it starts and ends.
let private unbracketed (given: (Token * string) list) =
    given
    |> List.tryFindIndex (fun (_, text) ->
        match Vocabulary.find text with
        | Some word -> not word.Takes.IsEmpty
        | None -> false)
    |> Option.bind (fun index ->
        let _, name = given[index]
        let needed = (Vocabulary.find name).Value.Takes.Length + 1
        let used = given |> List.skip index |> List.truncate needed

        if used.Length < needed then
            None
        else
            let first, (last, text) = fst used.Head, List.last used
            Some(first.Start, last.Start + text.Length))

let private missingSemicolon (line: string) (next: Token, text) : Explanation =
    let before, after = line.Substring(0, next.Start), line.Substring next.Start
    $"a `;` is missing before `{text}`", write $"{before.Trim()}; {after.Trim()}"

/// More arguments than a word takes: brackets or a `;` are missing, or it takes none.
let tooMany (line: string) (used: Application) : Explanation option =
    let name = used.Head.Text

    match Vocabulary.find name, unbracketed used.Arguments with
    | Some { Takes = [ _, kind ] }, _ when kind = typeof<Block list> && not used.Arguments.IsEmpty ->
        let start = (fst used.Arguments.Head).Start
        let inner = line.Substring(start, used.End - start)
        Some($"`{name}` takes a list in square brackets", instead line start used.End $"[ {inner} ]")
    | _, Some(start, stop) ->
        let inner = line.Substring(start, stop - start)
        Some($"`{inner}` needs brackets here", instead line start stop $"({inner})")
    | Some word, None when used.Arguments.Length > word.Takes.Length ->
        let extra, text = used.Arguments[word.Takes.Length]

        if isWord text then
            Some(missingSemicolon line (extra, text))
        else
            let right = line.Substring(used.Head.Start, extra.Start - used.Head.Start).Trim()

            let takes =
                if word.Takes.IsEmpty then
                    $"`{name}` takes no arguments"
                else
                    $"`{word.Usage}` takes {word.Takes.Length}"

            Some($"{takes}, and `{text}` is one too many", instead line used.Head.Start used.End right)
    | Some _, None ->
        Some(
            "this line and the next are read as one",
            "Start every element of a list in the same column, or put `;` between them"
        )
    | None, None ->
        used.Arguments
        |> List.tryFind (fun (_, text) -> isWord text)
        |> Option.map (missingSemicolon line)

/// A function where a value is expected: an argument is missing, or was given in other languages' form.
let tooFew (line: string) (used: Application) : Explanation option =
    let name = used.Head.Text
    let instead = instead line used.Head.Start used.End

    match Vocabulary.find name, used.Arguments with
    | Some word, [ _, text ] when Regex.IsMatch(text, @"^\(.*,.*\)$") && word.Takes.Length > 1 ->
        let parts = text.Trim('(', ')').Split ',' |> Array.map _.Trim()
        let call = String.concat " " (name :: List.ofArray parts)

        Some("arguments are separated by spaces, without brackets and commas", instead call)
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

            Some("the bottleneck stands after the list of levels, not in it", instead call)
        | None ->
            Some(
                "`encoderDecoder` needs a bottleneck after its levels",
                instead $"encoderDecoder {levels} (conv 3 64)"
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
