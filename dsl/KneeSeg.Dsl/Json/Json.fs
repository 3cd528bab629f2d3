/// Specs as canonical JSON and back: the form that is stored with weights.
module KneeSeg.Dsl.Json

open System
open System.IO
open System.Text
open System.Text.Json
open KneeSeg.Dsl.Spec

/// A block is at most six lists and objects inside the one around it.
let private depth = 6 * Limits.depth + 8

/// Characters of a text that is read.
let length = 16_000_000

let private bytes network =
    use buffer = new MemoryStream()

    using (new Utf8JsonWriter(buffer, JsonWriterOptions(MaxDepth = depth))) (fun writer ->
        SpecCodec.network.Write writer network)

    buffer.ToArray()

/// The text of a network; equal networks have equal texts. Expects a network within `Limits`.
let text (network: Network) = Encoding.UTF8.GetString(bytes network)

/// The parser's message, in plainer words where its own mean nothing to people.
let private explanation (error: JsonException) =
    let what = (error.Message.Split " LineNumber:")[0]

    if what.Contains "maximum configured depth" then
        $"brackets are nested deeper than {Limits.depth} blocks need",
        "Put blocks one after another in a list"
    elif what.Contains "does not contain any JSON" then
        "the text is empty", "Write a network's JSON, or give another file"
    else
        let what = (what.Split " which is not supported in this mode")[0]
        $"not JSON: {what.TrimEnd '.'}", "Correct the text there"

/// Reads a network, or reports everything that is wrong with it. Diagnostics name the path, such as
/// `spec.body[0].encoderDecoder.levels[1].decode`.
let read (text: string) : Result<Network, Diagnostic list> =
    if text.Length > length then
        Error [
            Diagnostic.at "spec" $"more than {length} characters" "A spec has a few thousand: check the file"
        ]
    else
        let errors = ResizeArray()

        try
            use document = JsonDocument.Parse(text, JsonDocumentOptions(MaxDepth = depth))

            let network =
                SpecCodec.network.Read { Path = "spec"; Value = document.RootElement; Errors = errors }

            if errors.Count > 0 then
                Error(List.ofSeq errors)
            else
                Limits.check network
                |> Result.map (fun () -> network)
                |> Result.mapError List.singleton
        with
        | Codec.Enough -> Error(List.ofSeq errors)
        | :? JsonException as error ->
            let line = error.LineNumber.GetValueOrDefault() + 1L
            let column = error.BytePositionInLine.GetValueOrDefault() + 1L
            Error [ explanation error ||> Diagnostic.at $"line {line}, column {column}" ]
