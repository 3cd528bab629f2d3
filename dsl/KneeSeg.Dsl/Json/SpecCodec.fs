/// The JSON of specs: every type once, by its fields or cases.
module internal KneeSeg.Dsl.SpecCodec

// A case is taken apart only where it is that case.
#nowarn "25"

open System.Text.Json
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Codec

let private size =
    let axes = {
        Has = fun (size: Size) -> size.IsAxes
        Write = fun w (Axes(d, h, v)) -> (list number).Write w [ d; h; v ]
        Read =
            fun at ->
                match (list number).Read at with
                | [ d; h; w ] -> Axes(d, h, w)
                | _ -> refuse at "not a size" "Write depth, height and width"
    }

    cases "size" [ case "inPlane" number InPlane _.IsInPlane (fun (InPlane n) -> n) ]
    |> byKind [
        JsonValueKind.Number, bare number Isotropic _.IsIsotropic (fun (Isotropic n) -> n)
        JsonValueKind.Array, axes
    ]

let private width =
    cases "width" [
        case "channels" number Channels _.IsChannels (fun (Channels n) -> n)
        case "exactly" number Exactly _.IsExactly (fun (Exactly n) -> n)
        case "fraction" number Fraction _.IsFraction (fun (Fraction n) -> n)
        case "times" number Times _.IsTimes (fun (Times n) -> n)
    ]
    |> byKind [
        JsonValueKind.String, choice "width" [ "matching", Matching; "classes", Classes ]
    ]

let private sides kind =
    record kind (fun json -> json.Field "before" size fst, json.Field "after" size snd)

let private padding =
    bare (sides "padding") Explicit _.IsExplicit (fun (Explicit(a, b)) -> a, b)
    |> byKind [
        JsonValueKind.String, choice "padding" [ "symmetric", Symmetric; "same", Same ]
    ]

let private groups =
    bare number Grouped _.IsGrouped (fun (Grouped n) -> n)
    |> byKind [
        JsonValueKind.String, choice "groups" [ "ungrouped", Ungrouped; "depthwise", Depthwise ]
    ]

let private conv =
    record "convolution" (fun json -> {
        Out = json.Field "out" width _.Out
        Kernel = json.Field "kernel" size _.Kernel
        Stride = json.Field "stride" size _.Stride
        Dilation = json.Field "dilation" size _.Dilation
        Padding = json.Field "padding" padding _.Padding
        Groups = json.Field "groups" groups _.Groups
        Bias = json.Field "bias" truth _.Bias
        Standardized = json.FieldUnless false "standardized" truth _.Standardized
    })

let private normKind =
    cases "norm" [
        case "groupNorm" number GroupNorm _.IsGroupNorm (fun (GroupNorm n) -> n)
        case "groupNormUpTo" number GroupNormUpTo _.IsGroupNormUpTo (fun (GroupNormUpTo n) -> n)
    ]
    |> byKind [
        JsonValueKind.String,
        choice "norm" [
            "batchNorm", BatchNorm
            "instanceNorm", InstanceNorm
            "channelLayerNorm", ChannelLayerNorm
        ]
    ]

let private norm =
    record "norm" (fun json -> {
        Kind = json.Field "kind" normKind _.Kind
        Epsilon = json.Field "epsilon" real _.Epsilon
        Momentum = json.Field "momentum" real _.Momentum
        Gamma = json.Field "gamma" truth _.Gamma
        Beta = json.Field "beta" truth _.Beta
    })

let private activation =
    cases "activation" [
        for name, make in Activations.parametric ->
            case name real make (Activations.jsonName >> (=) name) (Activations.parameter >> Option.get)
    ]
    |> byKind [
        JsonValueKind.String,
        choice "activation" [ for plain in Activations.plain -> Activations.jsonName plain, plain ]
    ]

let private reduction = choice "reduction" [ "average", Average; "max", Max ]

let private pool =
    record "pool" (fun json -> {
        Reduction = json.Field "reduction" reduction _.Reduction
        Size = json.Field "size" size _.Size
        Stride = json.Field "stride" size _.Stride
        Padding = json.Field "padding" padding _.Padding
    })

let private upsampling =
    record "upsampling" (fun json -> json.Field "by" size fst, json.Field "alignCorners" truth snd)

let private reduce =
    let axes =
        cases "axes" [
            case "overSlices" number OverSlices _.IsOverSlices (fun (OverSlices count) -> count)
        ]
        |> byKind [
            JsonValueKind.String,
            choice "axes" [ "overDepth", OverDepth; "overChannels", OverChannels; "global", Global ]
        ]

    record "reduction" (fun json -> json.Field "reduction" reduction fst, json.Field "axes" axes snd)

let private attentionWindow =
    record "window" (fun json -> {
        Size = json.Field "size" size (fun (window: AttentionWindow) -> window.Size)
        Shifted = json.Field "shifted" truth _.Shifted
    })

let private attention =
    record "attention" (fun json -> {
        Heads = json.Field "heads" number _.Heads
        Window = json.Field "window" (optional attentionWindow) _.Window
    })

let private voxelBlock =
    let order =
        choice "order" [ "voxelByVoxel", VoxelByVoxel; "channelByChannel", ChannelByChannel ]

    record "block of voxels" (fun json -> json.Field "block" size fst, json.Field "order" order snd)

let private channelGroup =
    record "channel group" (fun json -> json.Field "index" number fst, json.Field "groups" number snd)

let private layers = [
    case "conv" conv Conv _.IsConv (fun (Conv spec) -> spec)
    case "deconv" conv Deconv _.IsDeconv (fun (Deconv spec) -> spec)
    case "norm" norm Norm _.IsNorm (fun (Norm spec) -> spec)
    case
        "globalResponseNorm"
        real
        GlobalResponseNorm
        _.IsGlobalResponseNorm
        (fun (GlobalResponseNorm epsilon) -> epsilon)
    case "activation" activation Activation _.IsActivation (fun (Activation spec) -> spec)
    case "channelDropout" real ChannelDropout _.IsChannelDropout (fun (ChannelDropout rate) -> rate)
    case "dropout" real Dropout _.IsDropout (fun (Dropout rate) -> rate)
    case "stochasticDepth" real StochasticDepth _.IsStochasticDepth (fun (StochasticDepth rate) -> rate)
    case "pool" pool Pool _.IsPool (fun (Pool spec) -> spec)
    case "pad" (sides "padding") Pad _.IsPad (fun (Pad(a, b)) -> a, b)
    case "upsampleNearest" size UpsampleNearest _.IsUpsampleNearest (fun (UpsampleNearest by) -> by)
    case "upsampleLinear" upsampling UpsampleLinear _.IsUpsampleLinear (fun (UpsampleLinear(a, b)) -> a, b)
    case "tileChannels" width TileChannels _.IsTileChannels (fun (TileChannels out) -> out)
    case "padChannels" width PadChannels _.IsPadChannels (fun (PadChannels out) -> out)
    case "channelGroup" channelGroup ChannelGroup _.IsChannelGroup (fun (ChannelGroup(a, b)) -> a, b)
    case "spaceToChannels" voxelBlock SpaceToChannels _.IsSpaceToChannels (fun (SpaceToChannels(a, b)) ->
        a, b)
    case "channelsToSpace" voxelBlock ChannelsToSpace _.IsChannelsToSpace (fun (ChannelsToSpace(a, b)) ->
        a, b)
    case "reduce" reduce Reduce _.IsReduce (fun (Reduce(a, b)) -> a, b)
    case "adaptiveAvgPool" number AdaptiveAvgPool _.IsAdaptiveAvgPool (fun (AdaptiveAvgPool cells) -> cells)
    case "attention" attention Attention _.IsAttention (fun (Attention spec) -> spec)
    case "positionEmbedding" size PositionEmbedding _.IsPositionEmbedding (fun (PositionEmbedding size) ->
        size)
    case
        "argmaxOverChannels"
        (record "argmax" ignore)
        (fun () -> ArgmaxOverChannels)
        _.IsArgmaxOverChannels
        ignore
    case "unpool" (record "unpool" ignore) (fun () -> Unpool) _.IsUnpool ignore
]

let private join =
    choice "join" [ "concat", Concat; "add", Add; "multiply", Multiply ]

let private input = choice "input" [ "position", Position ]

let private gate block =
    record "gate" (fun json -> {
        Encoder = json.Field "encoder" block _.Encoder
        Decoder = json.Field "decoder" block _.Decoder
        Mask = json.Field "mask" block _.Mask
    })

let private connection block =
    record "skip" (fun json -> {
        Via = json.Field "via" block _.Via
        Gate = json.Field "gate" (optional (gate block)) _.Gate
        Join = json.Field "join" join _.Join
        DecoderFirst = json.Field "decoderFirst" truth _.DecoderFirst
        Nested = json.Field "nested" truth _.Nested
    })

let private skip block =
    let make = Option.map Skip >> Option.defaultValue NoSkip

    let content skip =
        match skip with
        | Skip connection -> Some connection
        | NoSkip -> None

    bare (optional (connection block)) make (fun _ -> true) content

let private level block =
    record "level" (fun json -> {
        Encode = json.Field "encode" block _.Encode
        Down = json.Field "down" block _.Down
        Skip = json.Field "skip" (skip block) _.Skip
        Up = json.Field "up" block _.Up
        Decode = json.Field "decode" block _.Decode
    })

let private branches block =
    record "join" (fun json -> json.Field "join" join fst, json.Field "blocks" (list block) snd)

let private denseBlock block =
    record "dense block" (fun json -> {
        AllPrevious = json.Field "allPrevious" truth _.AllPrevious
        IncludeInput = json.Field "includeInput" truth _.IncludeInput
        Steps = json.Field "steps" (list block) _.Steps
    })

let private recurrence block =
    record "recurrence" (fun json -> json.Field "times" number fst, json.Field "block" block snd)

let private encoderDecoder block =
    record "encoder-decoder" (fun json -> {
        Levels = json.Field "levels" (list (level block)) _.Levels
        Bottleneck = json.Field "bottleneck" block _.Bottleneck
        Head = json.Field "head" (optional block) _.Head
    })

let private named kind block =
    record kind (fun json -> json.Field "name" text fst, json.Field "block" block snd)

let private target =
    choice "target" [ "labels", Labels; "signedDistance", SignedDistance; "presence", Presence ]

let private output block =
    record "output" (fun json -> {
        OutputSpec.Name = json.Field "name" text _.Name
        Target = json.Field "target" target _.Target
        Head = json.Field "head" block _.Head
    })

let private block =
    recursive (fun block ->
        cases "block" [
            for name, layer in layers do
                let is block =
                    match block with
                    | Layer spec -> layer.Has spec
                    | _ -> false

                case name layer Layer is (fun (Layer spec) -> spec)

            case "branches" (branches block) Branches _.IsBranches (fun (Branches(a, b)) -> a, b)
            case "denseBlock" (denseBlock block) DenseBlock _.IsDenseBlock (fun (DenseBlock spec) -> spec)
            case "recurrent" (recurrence block) Recurrent _.IsRecurrent (fun (Recurrent(a, b)) -> a, b)
            case
                "encoderDecoder"
                (encoderDecoder block)
                EncoderDecoder
                _.IsEncoderDecoder
                (fun (EncoderDecoder spec) -> spec)
            case "input" input Input _.IsInput (fun (Input spec) -> spec)
            case "recall" text Recall _.IsRecall (fun (Recall stage) -> stage)
            case "tied" (named "tied block" block) Tied _.IsTied (fun (Tied(a, b)) -> a, b)
            case "shared" (named "shared block" block) Shared _.IsShared (fun (Shared(a, b)) -> a, b)
            case "stage" (named "stage" block) Stage _.IsStage (fun (Stage(a, b)) -> a, b)
            case "output" (output block) Output _.IsOutput (fun (Output spec) -> spec)
        ]
        |> byKind [
            JsonValueKind.Array, bare (list block) Chain _.IsChain (fun (Chain blocks) -> blocks)
        ])

let private spatialDims =
    codec (fun w dims -> number.Write w (if dims = TwoD then 2 else 3)) (fun at ->
        match number.Read at with
        | 2 -> TwoD
        | 3 -> ThreeD
        | n -> refuse at $"{n} spatial dimensions" "Write 2 or 3")

/// The number of the format, which is always 2.
let private format =
    codec number.Write (fun at ->
        let format = number.Read at

        if format <> 2 then
            refuse
                at
                $"this spec has format {format}, and this version reads format 2"
                "Write it again from its name or script"
            // Whatever differs in another format would be reported too.
            at.Errors.RemoveAll(fun error -> error.Where <> at.Path) |> ignore
            raise Enough

        format)

let network =
    record "network" (fun json ->
        json.Field "format" format (fun _ -> 2) |> ignore

        {
            Name = json.Field "name" text _.Name
            Variants = json.Field "variants" (list text) _.Variants
            SpatialDims = json.Field "spatialDims" spatialDims _.SpatialDims
            Body = json.Field "body" block _.Body
        })
