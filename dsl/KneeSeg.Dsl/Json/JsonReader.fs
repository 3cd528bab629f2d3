/// JSON as specs. Every mistake names the path to it, what stands there and what may.
module internal KneeSeg.Dsl.JsonReader

open System.Text.Json
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.JsonWords
open KneeSeg.Dsl.JsonValues

let private extent at =
    match at.Value.ValueKind with
    | JsonValueKind.Number -> Every(number at)
    | JsonValueKind.Array ->
        match list number at with
        | [ d; h; w ] -> Axes(d, h, w)
        | _ -> refuse at "not a size" "Write depth, height and width" (Every 1)
    | _ -> InPlane(only "size" [ "inPlane" ] at |> snd |> number)

let private width at =
    match at.Value.ValueKind with
    | JsonValueKind.Number -> Wide(number at)
    | JsonValueKind.String -> choice "width" widths at
    | _ ->
        match only "width" [ "just"; "part" ] at with
        | "just", n -> Just(number n)
        | _, n -> Part(number n)

let private conv at =
    let field =
        fields "convolution" [ "out"; "kernel"; "stride"; "dilation"; "padding"; "mixing"; "bias" ] at

    let mixing = field "mixing"

    {
        Out = width (field "out")
        Kernel = extent (field "kernel")
        Stride = extent (field "stride")
        Dilation = extent (field "dilation")
        Padding = choice "padding" paddings (field "padding")
        Mixing =
            if isA JsonValueKind.String mixing then
                choice "mixing" mixings mixing
            else
                Grouped(only "mixing" [ "groups" ] mixing |> snd |> number)
        Bias = truth (field "bias")
    }

let private norm at =
    let field = fields "norm" [ "over"; "epsilon"; "momentum"; "scale"; "shift" ] at
    let over = field "over"

    {
        Over =
            if isA JsonValueKind.String over then
                choice "norm" overs over
            else
                match only "norm" [ "group"; "groupUpTo" ] over with
                | "group", at -> Group(number at)
                | _, at -> GroupUpTo(number at)
        Epsilon = real (field "epsilon")
        Momentum = real (field "momentum")
        Scale = truth (field "scale")
        Shift = truth (field "shift")
    }

let private act at =
    if isA JsonValueKind.String at then
        choice "activation" acts at
    else
        Leaky(only "activation" [ "leaky" ] at |> snd |> real)

let private pool at =
    let field = fields "pool" [ "summary"; "size"; "stride"; "padding" ] at

    {
        Summary = choice "summary" summaries (field "summary")
        Size = extent (field "size")
        Stride = extent (field "stride")
        Padding = choice "padding" paddings (field "padding")
    }

let private interpolate at =
    let field = fields "interpolation" [ "by"; "alignCorners" ] at
    Interpolate(extent (field "by"), truth (field "alignCorners"))

let private collapse at =
    let field = fields "collapse" [ "summary"; "span" ] at
    Collapse(choice "summary" summaries (field "summary"), choice "span" spans (field "span"))

let private blocks = [
    "conv"
    "deconv"
    "norm"
    "act"
    "drop"
    "pool"
    "repeat"
    "interpolate"
    "copies"
    "collapse"
    "grid"
    "fork"
    "cascade"
    "recur"
    "ladder"
    "given"
    "recall"
    "tied"
    "stage"
]

let rec private block at =
    if isA JsonValueKind.Array at then
        Chain(list block at)
    else
        match only "block" blocks at with
        | "conv", at -> Layer(Conv(conv at))
        | "deconv", at -> Layer(Deconv(conv at))
        | "norm", at -> Layer(Norm(norm at))
        | "act", at -> Layer(Act(act at))
        | "drop", at -> Layer(Drop(real at))
        | "pool", at -> Layer(Pool(pool at))
        | "repeat", at -> Layer(Repeat(extent at))
        | "interpolate", at -> Layer(interpolate at)
        | "copies", at -> Layer(Copies(width at))
        | "collapse", at -> Layer(collapse at)
        | "grid", at -> Layer(Grid(number at))
        | "fork", at ->
            let field = fields "fork" [ "join"; "sides" ] at
            Fork(choice "join" joins (field "join"), list block (field "sides"))
        | "cascade", at ->
            let field = fields "cascade" [ "hearAll"; "keepInput"; "steps" ] at

            Cascade {
                HearAll = truth (field "hearAll")
                KeepInput = truth (field "keepInput")
                Steps = list block (field "steps")
            }
        | "recur", at ->
            let field = fields "recurrence" [ "times"; "block" ] at
            Recur(number (field "times"), block (field "block"))
        | "ladder", at ->
            let field = fields "ladder" [ "levels"; "bottom"; "head" ] at
            Ladder(list level (field "levels"), block (field "bottom"), optional block (field "head"))
        | "given", at -> Given(choice "signal" signals at)
        | "recall", at -> Recall(text at)
        | "tied", at -> Tied(named "tied block" at)
        | _, at -> Stage(named "stage" at)

and private named kind at =
    let field = fields kind [ "name"; "block" ] at
    text (field "name"), block (field "block")

and private level at =
    let field = fields "level" [ "encode"; "scale"; "skip"; "decode" ] at

    {
        Encode = block (field "encode")
        Scale = scale (field "scale")
        Skip =
            match optional highway (field "skip") with
            | Some highway -> Skip highway
            | None -> NoSkip
        Decode = block (field "decode")
    }

and private scale at =
    if holds "unpool" at then
        Unpool(only "scale" [ "unpool" ] at |> snd |> extent)
    else
        let field = fields "scale" [ "down"; "up" ] at
        Through(block (field "down"), block (field "up"))

and private highway at =
    let field = fields "skip" [ "path"; "gate"; "join"; "risenFirst"; "nested" ] at

    {
        Path = block (field "path")
        Gate = optional gate (field "gate")
        Join = choice "join" joins (field "join")
        RisenFirst = truth (field "risenFirst")
        Nested = truth (field "nested")
    }

and private gate at =
    let field = fields "gate" [ "encoder"; "decoder"; "mask" ] at

    {
        Encoder = block (field "encoder")
        Decoder = block (field "decoder")
        Mask = block (field "mask")
    }

let private whole at =
    let field =
        fields "network" [ "format"; "name"; "traits"; "rank"; "channels"; "classes"; "body" ] at

    let rank at =
        match number at with
        | 2 -> Planar
        | 3 -> Volumetric
        | n -> refuse at $"a rank of {n}" "Write 2 or 3" Volumetric

    let format = field "format"

    if number format <> 1 then
        // What is new in another format would all be called a mistake.
        at.Mistakes.Clear()
        refuse format $"format {number format}" "This version reads format 1" ()
        raise Enough

    {
        Name = text (field "name")
        Traits = list text (field "traits")
        Rank = rank (field "rank")
        Channels = number (field "channels")
        Classes = number (field "classes")
        Body = block (field "body")
    }

/// The network that a document describes, or what is wrong with it.
let network (document: JsonElement) : Result<Network, Problem list> =
    let at = {
        Path = "spec"
        Value = document
        Mistakes = ResizeArray()
    }

    try
        let network = whole at

        if at.Mistakes.Count = 0 then
            Ok network
        else
            Error(List.ofSeq at.Mistakes)
    with Enough ->
        Error(List.ofSeq at.Mistakes)
