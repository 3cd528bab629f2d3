namespace KneeSeg.Dsl

/// An error in a spec: where it is, what is wrong, and how to fix it. One sentence each, without its full stop; a
/// question keeps its mark.
type Diagnostic = {
    Where: string
    What: string
    Fix: string
    /// A network or variant of this name does not exist.
    IsUnknownName: bool
} with

    override p.ToString() =
        let stop = if p.Fix.EndsWith '?' then "" else "."
        $"{p.Where}: {p.What}. {p.Fix}{stop}"

[<RequireQualifiedAccess>]
module Diagnostic =
    /// An error in a spec.
    let at where what fix = { Where = where; What = what; Fix = fix; IsUnknownName = false }

    /// How many letters to insert, delete or replace to get from one word to another.
    let private distance (a: string) (b: string) =
        let next (row: int[]) i =
            let fresh = Array.zeroCreate (b.Length + 1)
            fresh[0] <- i + 1

            for j in 0 .. b.Length - 1 do
                let swap = row[j] + (if a[i] = b[j] then 0 else 1)
                fresh[j + 1] <- min swap (1 + min row[j + 1] fresh[j])

            fresh

        (Array.init (b.Length + 1) id, seq { 0 .. a.Length - 1 })
        ||> Seq.fold next
        |> Array.last

    /// The words someone may have meant, nearest first, at most three.
    let nearest (known: string seq) (word: string) =
        let far (name: string) =
            // A word that begins with what was typed is near however long it is.
            if word.Length > 1 && name.StartsWith(word, System.StringComparison.Ordinal) then
                1
            else
                distance word name

        let near =
            known
            |> Seq.map (fun name -> far name, name)
            |> Seq.filter (fun (far, _) -> far < word.Length && far <= max 2 (word.Length / 3))
            |> Seq.sort
            |> List.ofSeq

        near
        |> List.filter (fun (far, _) -> far <= fst near.Head)
        |> List.truncate 3
        |> List.map snd

    /// The sentence that suggests names.
    let didYouMean (names: string list) =
        $"""Did you mean {String.concat " or " names}?"""

    /// A name that does not exist, with the nearest that do, and all of them where these are few or none is near.
    let unknown kind (known: string list) (word: string) =
        let all = $"""There are {String.concat ", " known}"""

        {
            Where = (if word = "" then kind else word)
            What = $"no such {kind}"
            Fix =
                match nearest known word with
                | [] -> all
                | near ->
                    let guess = didYouMean near

                    if known.Length > 1 && known.Length <= 8 then
                        $"{guess} {all}"
                    else
                        guess
            IsUnknownName = true
        }

/// Raised by a word that is used on what it cannot change: what is wrong and how to fix it, one sentence each.
exception MisusedWord of what: string * fix: string with
    override error.Message = $"{error.what}. {error.fix}"
