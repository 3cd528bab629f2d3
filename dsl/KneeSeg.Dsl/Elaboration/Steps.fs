/// The steps that stage names are made of: what parts are called, and which names people may give.
module internal KneeSeg.Dsl.Steps

open System
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.GraphBuilder

/// What parts without a name of their own are called, before their number.
let private words =
    "conv deconv norm act drop pool unpool up copies collapse grid concat sum product cascade recur given recall "
    + "row ladder level answer side step pass spread attention positions"
    |> _.Split(' ')
    |> set

/// Whether a name is what the language itself calls a part, such as "conv 2".
let private isOwn (name: string) =
    let gap = name.LastIndexOf ' '

    name = string Step.Bottleneck
    || gap > 0
       && words.Contains(name.Substring(0, gap))
       && fst (Int32.TryParse(name.AsSpan(gap + 1)))

/// Notes a name that people may not give to a stage, to tied weights or to an output.
let check (builder: GraphBuilder) kind at (name: string) =
    let plain =
        name.Length > 0
        && name.Length <= 60
        && Char.IsAsciiLetter name[0]
        && name |> Seq.forall (fun c -> Char.IsAsciiLetterOrDigit c || c = ' ' || c = '-')

    if not plain then
        builder.Report(
            at,
            $"'{name}' is not a valid {kind} name",
            "Start with a letter; use letters, digits, spaces and hyphens, at most 60"
        )
    elif isOwn name || kind = "output" && name = NamedOutput.Own then
        builder.Report(at, $"the name '{name}' is reserved", "Use another name")

/// A row's parts, each with its step: numbered among their kind, or what the spec calls them.
let private named block =
    let number seen block =
        let numbered step =
            // Kinds that print alike count together.
            let kind = string (step 0)
            let n = 1 + (Map.tryFind kind seen |> Option.defaultValue 0)
            (step n, block), Map.add kind n seen

        match block with
        | Layer layer -> numbered (fun n -> Step.Layer(Layers.word layer, n))
        | Branches(Concat, _) -> numbered Step.Concat
        | Branches(Add, _) -> numbered Step.Sum
        | Branches(Multiply, _) -> numbered Step.Product
        | DenseBlock _ -> numbered Step.DenseBlock
        | Recurrent _ -> numbered Step.Recurrent
        | Input _ -> numbered Step.AuxiliaryInput
        | Recall _ -> numbered Step.Recall
        | EncoderDecoder _ -> numbered Step.EncoderDecoder
        | Tied(name, _) -> numbered (fun n -> Step.Tied(name, n))
        | Shared(name, _) -> numbered (fun n -> Step.Shared(name, n))
        | Stage(name, _) -> (Step.Stage name, block), seen
        | Output spec -> (Step.Output spec.Name, block), seen
        | Chain _ -> invalidArg (nameof block) "a chain that was not opened"

    Blocks.flat block |> List.mapFold number Map.empty |> fst

/// A row's parts under names that differ.
let private apart (builder: GraphBuilder) at parts =
    let differ seen (step: Step, block) =
        let name = string step

        if Set.contains name seen then
            let kind = if step.IsOutput then "outputs" else "stages"
            builder.Report(at </> step, $"two {kind} here have this name", "Rename one of them")
            (Step.Stage $"{name} again {seen.Count}", block), seen
        else
            (step, block), Set.add name seen

    parts |> List.mapFold differ Set.empty |> fst

/// A row's parts, each with the step that names it.
let row (builder: GraphBuilder) at block = named block |> apart builder at
