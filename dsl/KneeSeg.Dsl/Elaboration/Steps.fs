/// The steps that stage names are made of: what parts are called, and which names people may give.
module internal KneeSeg.Dsl.Steps

open System
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.GraphBuilder

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
let check (builder: GraphBuilder) at (name: string) =
    let plain =
        name.Length > 0
        && name.Length <= 60
        && Char.IsAsciiLetter name[0]
        && name |> Seq.forall (fun c -> Char.IsAsciiLetterOrDigit c || c = ' ' || c = '-')

    if not plain then
        builder.Report(
            at,
            $"'{name}' is not a valid stage name",
            "Start with a letter; use letters, digits, spaces and hyphens, at most 60"
        )
    elif isOwn name then
        builder.Report(at, $"the name '{name}' is reserved", "Use another name")

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
        | Branches(Concat, _) -> numbered "concat"
        | Branches(Add, _) -> numbered "sum"
        | Branches(Multiply, _) -> numbered "product"
        | DenseBlock _ -> numbered "cascade"
        | Recurrent _ -> numbered "recur"
        | Input _ -> numbered "given"
        | Recall _ -> numbered "recall"
        // Opened before; none is left.
        | Chain _ -> numbered "row"
        | Tied(name, _) -> numbered name
        | Stage(name, _) -> (name, block), seen
        | EncoderDecoder _ ->
            // The first encoder-decoder needs no name: its levels have one.
            match again "ladder" with
            | 1, seen -> ("", block), seen
            | n, seen -> ($"ladder {n}", block), seen

    Blocks.flat block |> List.mapFold number Map.empty |> fst

/// A row's parts under names that differ.
let private apart (builder: GraphBuilder) at parts =
    let differ seen (name, block) =
        if Set.contains name seen then
            builder.Report(at </> name, "two stages here have this name", "Rename one of them")
            ($"{name} again {seen.Count}", block), seen
        else
            (name, block), Set.add name seen

    parts |> List.mapFold differ Set.empty |> fst

/// A row's parts, each with the step that names it.
let row (builder: GraphBuilder) at block = named block |> apart builder at
