/// Specs as canonical JSON: one text for one spec.
module internal KneeSeg.Dsl.JsonWriter

open System.Text.Json
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.JsonWords

type private Writer = Utf8JsonWriter

let private object' (w: Writer) (fields: (string * (unit -> unit)) list) =
    w.WriteStartObject()

    for name, write in fields do
        w.WritePropertyName name
        write ()

    w.WriteEndObject()

let private list (w: Writer) write items =
    w.WriteStartArray()
    List.iter (write w) items
    w.WriteEndArray()

let private text (w: Writer) (value: string) () = w.WriteStringValue value
let private number (w: Writer) (value: int) () = w.WriteNumberValue value
let private truth (w: Writer) (value: bool) () = w.WriteBooleanValue value
let private choice w table value = text w (nameOf table value)

let private optional (w: Writer) write value () =
    match value with
    | Some value -> write w value
    | None -> w.WriteNullValue()

let private real (w: Writer) (value: float) () =
    if System.Double.IsFinite value then
        w.WriteNumberValue value
    // JSON has no such numbers; reading refuses the text, where it stands.
    else
        w.WriteStringValue(string value)

let private size w size () =
    match size with
    | Isotropic n -> number w n ()
    | InPlane n -> object' w [ "inPlane", number w n ]
    | Axes(d, h, v) -> list w (fun w n -> number w n ()) [ d; h; v ]

let private width w width () =
    match width with
    | Channels n -> object' w [ "channels", number w n ]
    | Exactly n -> object' w [ "exactly", number w n ]
    | Fraction n -> object' w [ "fraction", number w n ]
    | Times n -> object' w [ "times", number w n ]
    | Matching
    | Classes -> choice w widths width ()

let private conv w (conv: Conv) () =
    object' w [
        "out", width w conv.Out
        "kernel", size w conv.Kernel
        "stride", size w conv.Stride
        "dilation", size w conv.Dilation
        "padding", choice w paddings conv.Padding
        "groups",
        (fun () ->
            match conv.Groups with
            | Grouped n -> number w n ()
            | other -> choice w groups other ())
        "bias", truth w conv.Bias
    ]

let private norm w norm () =
    object' w [
        "kind",
        (fun () ->
            match norm.Kind with
            | GroupNorm n -> object' w [ "groupNorm", number w n ]
            | GroupNormUpTo n -> object' w [ "groupNormUpTo", number w n ]
            | kind -> choice w normKinds kind ())
        "epsilon", real w norm.Epsilon
        "momentum", real w norm.Momentum
        "gamma", truth w norm.Gamma
        "beta", truth w norm.Beta
    ]

let private activation w activation () =
    let name = Activations.jsonName activation

    match Activations.parameter activation with
    | Some number -> object' w [ name, real w number ]
    | None -> text w name ()

let private pool w (pool: Pool) () =
    object' w [
        "reduction", choice w reductions pool.Reduction
        "size", size w pool.Size
        "stride", size w pool.Stride
        "padding", choice w paddings pool.Padding
    ]

let private layer w layer =
    let only name write = object' w [ name, write ]

    match layer with
    | Conv spec -> only "conv" (conv w spec)
    | Deconv spec -> only "deconv" (conv w spec)
    | Norm spec -> only "norm" (norm w spec)
    | Activation spec -> only "activation" (activation w spec)
    | ChannelDropout rate -> only "channelDropout" (real w rate)
    | Dropout rate -> only "dropout" (real w rate)
    | Pool spec -> only "pool" (pool w spec)
    | UpsampleNearest by -> only "upsampleNearest" (size w by)
    | UpsampleLinear(by, alignCorners) ->
        only "upsampleLinear" (fun () -> object' w [ "by", size w by; "alignCorners", truth w alignCorners ])
    | TileChannels spec -> only "tileChannels" (width w spec)
    | AdaptiveAvgPool cells -> only "adaptiveAvgPool" (number w cells)
    | Reduce(reduction, axes) ->
        only "reduce" (fun () ->
            object' w [
                "reduction", choice w reductions reduction
                "axes", choice w reducedAxes axes
            ])
    | Unpool -> only "unpool" (fun () -> object' w [])

let rec private block w spec =
    let inner spec () = block w spec

    let only name fields =
        object' w [ name, (fun () -> object' w fields) ]

    let blocks specs () = list w block specs

    match spec with
    | Layer spec -> layer w spec
    | Chain specs -> list w block specs
    | Branches(how, specs) -> only "branches" [ "join", choice w joins how; "blocks", blocks specs ]
    | DenseBlock spec ->
        only "denseBlock" [
            "allPrevious", truth w spec.AllPrevious
            "includeInput", truth w spec.IncludeInput
            "steps", blocks spec.Steps
        ]
    | Recurrent(times, spec) -> only "recurrent" [ "times", number w times; "block", inner spec ]
    | Input spec -> object' w [ "input", choice w inputs spec ]
    | Recall stage -> object' w [ "recall", text w stage ]
    | Tied(name, spec) -> only "tied" [ "name", text w name; "block", inner spec ]
    | Stage(name, spec) -> only "stage" [ "name", text w name; "block", inner spec ]
    | EncoderDecoder(levels, bottleneck, head) ->
        only "encoderDecoder" [
            "levels", (fun () -> list w level levels)
            "bottleneck", inner bottleneck
            "head", optional w block head
        ]

and private level w level =
    let inner spec () = block w spec

    object' w [
        "encode", inner level.Encode
        "down", inner level.Down
        "skip",
        (fun () ->
            match level.Skip with
            | NoSkip -> w.WriteNullValue()
            | Skip spec -> connection w spec)
        "up", inner level.Up
        "decode", inner level.Decode
    ]

and private connection w spec =
    object' w [
        "via", (fun () -> block w spec.Via)
        "gate", optional w gate spec.Gate
        "join", choice w joins spec.Join
        "decoderFirst", truth w spec.DecoderFirst
        "nested", truth w spec.Nested
    ]

and private gate w (gate: Gate) =
    object' w [
        "encoder", (fun () -> block w gate.Encoder)
        "decoder", (fun () -> block w gate.Decoder)
        "mask", (fun () -> block w gate.Mask)
    ]

/// A network, with the number of the format it is written in.
let network w (spec: Network) =
    object' w [
        "format", number w 2
        "name", text w spec.Name
        "variants", (fun () -> list w (fun w name -> text w name ()) spec.Variants)
        "spatialDims", number w (nameOf spatialDims spec.SpatialDims)
        "body", (fun () -> block w spec.Body)
    ]
