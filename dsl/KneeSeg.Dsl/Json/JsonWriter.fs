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

let private extent w extent () =
    match extent with
    | Every n -> number w n ()
    | InPlane n -> object' w [ "inPlane", number w n ]
    | Axes(d, h, v) -> list w (fun w n -> number w n ()) [ d; h; v ]

let private width w width () =
    match width with
    | Wide n -> number w n ()
    | Just n -> object' w [ "just", number w n ]
    | Part n -> object' w [ "part", number w n ]
    | Like
    | Classes -> choice w widths width ()

let private conv w (conv: Conv) () =
    object' w [
        "out", width w conv.Out
        "kernel", extent w conv.Kernel
        "stride", extent w conv.Stride
        "dilation", extent w conv.Dilation
        "padding", choice w paddings conv.Padding
        "mixing",
        (fun () ->
            match conv.Mixing with
            | Grouped n -> object' w [ "groups", number w n ]
            | mixing -> choice w mixings mixing ())
        "bias", truth w conv.Bias
    ]

let private norm w norm () =
    object' w [
        "over",
        (fun () ->
            match norm.Over with
            | Group n -> object' w [ "group", number w n ]
            | GroupUpTo n -> object' w [ "groupUpTo", number w n ]
            | over -> choice w overs over ())
        "epsilon", real w norm.Epsilon
        "momentum", real w norm.Momentum
        "scale", truth w norm.Scale
        "shift", truth w norm.Shift
    ]

let private act w act () =
    match act with
    | Leaky slope -> object' w [ "leaky", real w slope ]
    | act -> choice w acts act ()

let private pool w (pool: Pool) () =
    object' w [
        "summary", choice w summaries pool.Summary
        "size", extent w pool.Size
        "stride", extent w pool.Stride
        "padding", choice w paddings pool.Padding
    ]

let private layer w layer =
    let only name write = object' w [ name, write ]

    match layer with
    | Conv spec -> only "conv" (conv w spec)
    | Deconv spec -> only "deconv" (conv w spec)
    | Norm spec -> only "norm" (norm w spec)
    | Act spec -> only "act" (act w spec)
    | Drop rate -> only "drop" (real w rate)
    | Pool spec -> only "pool" (pool w spec)
    | Repeat by -> only "repeat" (extent w by)
    | Interpolate(by, alignCorners) ->
        only "interpolate" (fun () -> object' w [ "by", extent w by; "alignCorners", truth w alignCorners ])
    | Copies spec -> only "copies" (width w spec)
    | Grid cells -> only "grid" (number w cells)
    | Collapse(summary, span) ->
        only "collapse" (fun () ->
            object' w [ "summary", choice w summaries summary; "span", choice w spans span ])

let rec private block w spec =
    let inner spec () = block w spec

    let only name fields =
        object' w [ name, (fun () -> object' w fields) ]

    let blocks specs () = list w block specs

    match spec with
    | Layer spec -> layer w spec
    | Chain specs -> list w block specs
    | Fork(how, sides) -> only "fork" [ "join", choice w joins how; "sides", blocks sides ]
    | Cascade spec ->
        only "cascade" [
            "hearAll", truth w spec.HearAll
            "keepInput", truth w spec.KeepInput
            "steps", blocks spec.Steps
        ]
    | Recur(times, spec) -> only "recur" [ "times", number w times; "block", inner spec ]
    | Given signal -> object' w [ "given", choice w signals signal ]
    | Recall stage -> object' w [ "recall", text w stage ]
    | Tied(name, spec) -> only "tied" [ "name", text w name; "block", inner spec ]
    | Stage(name, spec) -> only "stage" [ "name", text w name; "block", inner spec ]
    | Ladder(levels, bottom, head) ->
        only "ladder" [
            "levels", (fun () -> list w level levels)
            "bottom", inner bottom
            "head", optional w block head
        ]

and private level w level =
    let inner spec () = block w spec

    object' w [
        "encode", inner level.Encode
        "scale",
        (fun () ->
            match level.Scale with
            | Through(down, up) -> object' w [ "down", inner down; "up", inner up ]
            | Unpool by -> object' w [ "unpool", extent w by ])
        "skip",
        (fun () ->
            match level.Skip with
            | NoSkip -> w.WriteNullValue()
            | Skip spec -> highway w spec)
        "decode", inner level.Decode
    ]

and private highway w spec =
    object' w [
        "path", (fun () -> block w spec.Path)
        "gate", optional w gate spec.Gate
        "join", choice w joins spec.Join
        "risenFirst", truth w spec.RisenFirst
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
        "format", number w 1
        "name", text w spec.Name
        "traits", (fun () -> list w (fun w name -> text w name ()) spec.Traits)
        "rank", number w (nameOf ranks spec.Rank)
        "channels", number w spec.Channels
        "classes", number w spec.Classes
        "body", (fun () -> block w spec.Body)
    ]
