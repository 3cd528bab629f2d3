/// The steps that stage names are made of: what parts are called, and which names people may give.
module internal KneeSeg.Dsl.Steps

open System
open KneeSeg.Dsl.Spec
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
        "recall"
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

/// A row's parts, each with a name: numbered among their kind, or what the spec calls them.
let private named block =
    let number seen block =
        let again word =
            let n = 1 + (Map.tryFind word seen |> Option.defaultValue 0)
            n, Map.add word n seen

        let numbered word =
            let n, seen = again word
            ($"{word} {n}", block), seen

        match block with
        | Layer layer -> numbered (Layers.word layer)
        | Fork(Concat, _) -> numbered "concat"
        | Fork(Add, _) -> numbered "sum"
        | Fork(Multiply, _) -> numbered "product"
        | Cascade _ -> numbered "cascade"
        | Recur _ -> numbered "recur"
        | Given _ -> numbered "given"
        | Recall _ -> numbered "recall"
        // Opened before; none is left.
        | Chain _ -> numbered "row"
        | Tied(name, _) -> numbered name
        | Stage(name, _) -> (name, block), seen
        | Ladder _ ->
            // A network's only ladder needs no name of its own: its levels have one.
            match again "ladder" with
            | 1, seen -> ("", block), seen
            | n, seen -> ($"ladder {n}", block), seen

    Blocks.flat block |> List.mapFold number Map.empty |> fst

/// A row's parts under names that differ.
let private apart (draft: Draft) at parts =
    let differ seen (name, block) =
        if Set.contains name seen then
            draft.Report(at </> name, "two parts of the network go by this name", "Name their stages apart")
            ($"{name} again {seen.Count}", block), seen
        else
            (name, block), Set.add name seen

    parts |> List.mapFold differ Set.empty |> fst

/// A row's parts, each with the step that names it.
let row (draft: Draft) at block = named block |> apart draft at
