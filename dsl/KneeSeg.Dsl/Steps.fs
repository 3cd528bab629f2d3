/// The words that stage names are made of, and which names people may give.
module internal KneeSeg.Dsl.Steps

open System
open KneeSeg.Dsl.Draft

/// What parts without a name of their own are called, before their number.
let private words =
    set [
        yield! Layers.words
        "concat"
        "sum"
        "product"
        "cascade"
        "recur"
        "given"
        "row"
        "ladder"
        "level"
        "answer"
        "side"
        "step"
        "pass"
        "spread"
    ]

/// Whether a step is the language's own, such as "conv 2", and no person's name.
let isOwn (step: string) =
    let gap = step.LastIndexOf ' '

    step = "bottom"
    || gap > 0
       && words.Contains(step.Substring(0, gap))
       && fst (Int32.TryParse(step.AsSpan(gap + 1)))

/// Notes a name that people may not give to a stage or to tied weights.
let check (draft: Draft) at (name: string) =
    let plain =
        name.Length > 0
        && name.Length <= 60
        && Char.IsAsciiLetter name[0]
        && name |> Seq.forall (fun c -> Char.IsAsciiLetterOrDigit c || c = ' ' || c = '-')

    if not plain then
        draft.Report(
            at,
            $"'{name}' is no name for a part",
            "Use letters, digits, spaces and hyphens, at most 60, a letter first"
        )
    elif isOwn name then
        draft.Report(at, $"'{name}' is a name that parts get by themselves", "Use another")
