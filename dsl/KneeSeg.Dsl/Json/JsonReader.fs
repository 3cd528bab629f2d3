/// JSON to specs. Every error names its path, what is there and what may be.
module internal KneeSeg.Dsl.JsonReader

open System.Text.Json
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.JsonWords
open KneeSeg.Dsl.JsonValues

let private size at =
    match at.Value.ValueKind with
    | JsonValueKind.Number -> Isotropic(number at)
    | JsonValueKind.Array ->
        match list number at with
        | [ d; h; w ] -> Axes(d, h, w)
        | _ -> refuse at "not a size" "Write depth, height and width" (Isotropic 1)
    | _ -> InPlane(only "size" [ "inPlane" ] at |> snd |> number)

let private width at =
    match at.Value.ValueKind with
    | JsonValueKind.String -> choice "width" widths at
    | _ ->
        match only "width" [ "channels"; "exactly"; "fraction"; "times" ] at with
        | "channels", n -> Channels(number n)
        | "exactly", n -> Exactly(number n)
        | "fraction", n -> Fraction(number n)
        | _, n -> Times(number n)

let private conv at =
    let field =
        fields "convolution" [ "out"; "kernel"; "stride"; "dilation"; "padding"; "groups"; "bias" ] at

    let groups = field "groups"

    {
        Out = width (field "out")
        Kernel = size (field "kernel")
        Stride = size (field "stride")
        Dilation = size (field "dilation")
        Padding = choice "padding" paddings (field "padding")
        Groups =
            if isA JsonValueKind.String groups then
                choice "groups" JsonWords.groups groups
            else
                Grouped(number groups)
        Bias = truth (field "bias")
    }

let private norm at =
    let field = fields "norm" [ "kind"; "epsilon"; "momentum"; "gamma"; "beta" ] at
    let kind = field "kind"

    {
        Kind =
            if isA JsonValueKind.String kind then
                choice "norm" normKinds kind
            else
                match only "norm" [ "groupNorm"; "groupNormUpTo" ] kind with
                | "groupNorm", at -> GroupNorm(number at)
                | _, at -> GroupNormUpTo(number at)
        Epsilon = real (field "epsilon")
        Momentum = real (field "momentum")
        Gamma = truth (field "gamma")
        Beta = truth (field "beta")
    }

let private activation at =
    if isA JsonValueKind.String at then
        choice "activation" activations at
    else
        let name, number = only "activation" (List.map fst Activations.parametric) at
        Activations.parametric |> List.find (fst >> (=) name) |> snd <| real number

let private pool at =
    let field = fields "pool" [ "reduction"; "size"; "stride"; "padding" ] at

    {
        Reduction = choice "reduction" reductions (field "reduction")
        Size = size (field "size")
        Stride = size (field "stride")
        Padding = choice "padding" paddings (field "padding")
    }

let private upsampleLinear at =
    let field = fields "upsampling" [ "by"; "alignCorners" ] at
    UpsampleLinear(size (field "by"), truth (field "alignCorners"))

let private reduce at =
    let field = fields "reduction" [ "reduction"; "axes" ] at
    Reduce(choice "reduction" reductions (field "reduction"), choice "axes" reducedAxes (field "axes"))

let private blocks = [
    "conv"
    "deconv"
    "norm"
    "activation"
    "channelDropout"
    "dropout"
    "pool"
    "upsampleNearest"
    "upsampleLinear"
    "tileChannels"
    "reduce"
    "adaptiveAvgPool"
    "unpool"
    "branches"
    "denseBlock"
    "recurrent"
    "encoderDecoder"
    "input"
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
        | "activation", at -> Layer(Activation(activation at))
        | "channelDropout", at -> Layer(ChannelDropout(real at))
        | "dropout", at -> Layer(Dropout(real at))
        | "pool", at -> Layer(Pool(pool at))
        | "upsampleNearest", at -> Layer(UpsampleNearest(size at))
        | "upsampleLinear", at -> Layer(upsampleLinear at)
        | "tileChannels", at -> Layer(TileChannels(width at))
        | "reduce", at -> Layer(reduce at)
        | "unpool", at ->
            fields "unpool" [] at |> ignore
            Layer Unpool
        | "adaptiveAvgPool", at -> Layer(AdaptiveAvgPool(number at))
        | "branches", at ->
            let field = fields "join" [ "join"; "blocks" ] at
            Branches(choice "join" joins (field "join"), list block (field "blocks"))
        | "denseBlock", at ->
            let field = fields "dense block" [ "allPrevious"; "includeInput"; "steps" ] at

            DenseBlock {
                AllPrevious = truth (field "allPrevious")
                IncludeInput = truth (field "includeInput")
                Steps = list block (field "steps")
            }
        | "recurrent", at ->
            let field = fields "recurrence" [ "times"; "block" ] at
            Recurrent(number (field "times"), block (field "block"))
        | "encoderDecoder", at ->
            let field = fields "encoder-decoder" [ "levels"; "bottleneck"; "head" ] at

            EncoderDecoder(
                list level (field "levels"),
                block (field "bottleneck"),
                optional block (field "head")
            )
        | "input", at -> Input(choice "input" inputs at)
        | "recall", at -> Recall(text at)
        | "tied", at -> Tied(named "tied block" at)
        | _, at -> Stage(named "stage" at)

and private named kind at =
    let field = fields kind [ "name"; "block" ] at
    text (field "name"), block (field "block")

and private level at =
    let field = fields "level" [ "encode"; "down"; "skip"; "up"; "decode" ] at

    {
        Encode = block (field "encode")
        Down = block (field "down")
        Skip =
            match optional connection (field "skip") with
            | Some connection -> Skip connection
            | None -> NoSkip
        Up = block (field "up")
        Decode = block (field "decode")
    }

and private connection at =
    let field = fields "skip" [ "via"; "gate"; "join"; "decoderFirst"; "nested" ] at

    {
        Via = block (field "via")
        Gate = optional gate (field "gate")
        Join = choice "join" joins (field "join")
        DecoderFirst = truth (field "decoderFirst")
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
        fields "network" [ "format"; "name"; "variants"; "spatialDims"; "body" ] at

    let spatialDims at =
        match number at with
        | 2 -> TwoD
        | 3 -> ThreeD
        | n -> refuse at $"{n} spatial dimensions" "Write 2 or 3" ThreeD

    let format = field "format"

    if number format <> 2 then
        // Whatever differs in another format would be reported too.
        at.Errors.Clear()

        refuse
            format
            $"this spec has format {number format}, and this version reads format 2"
            "Write it again from its name or script"
            ()

        raise Enough

    {
        Name = text (field "name")
        Variants = list text (field "variants")
        SpatialDims = spatialDims (field "spatialDims")
        Body = block (field "body")
    }

/// The network that a document describes, or what is wrong with it.
let network (document: JsonElement) : Result<Network, Diagnostic list> =
    let at = {
        Path = "spec"
        Value = document
        Errors = ResizeArray()
    }

    try
        let network = whole at

        if at.Errors.Count = 0 then
            Ok network
        else
            Error(List.ofSeq at.Errors)
    with Enough ->
        Error(List.ofSeq at.Errors)
