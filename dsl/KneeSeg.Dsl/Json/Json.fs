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
        JsonWriter.network writer network)

    buffer.ToArray()

/// The text of a network; equal networks have equal texts. Expects a network within `Limits`.
let text (network: Network) = Encoding.UTF8.GetString(bytes network)

/// What the parser says, in our words where its own mean nothing to people.
let private complaint (error: JsonException) =
    let what = (error.Message.Split " LineNumber:")[0]

    if what.Contains "maximum configured depth" then
        $"has more brackets inside one another than {Limits.depth} blocks need", "Put blocks in a row"
    elif what.Contains "does not contain any JSON" then
        "nothing is written here", "Write a network's JSON, or give another file"
    else
        let what = (what.Split " which is not supported in this mode")[0]
        $"not JSON: {what.TrimEnd '.'}", "Correct the text there"

/// Reads a network, or says everything that is wrong with it. Problems name the path, such as
/// `spec.body[0].ladder.levels[1].decode`.
let read (text: string) : Result<Network, Problem list> =
    if text.Length > length then
        Error [
            Problem.at "spec" $"has more than {length} characters" "A spec is a few thousand"
        ]
    else
        try
            use document = JsonDocument.Parse(text, JsonDocumentOptions(MaxDepth = depth))

            JsonReader.network document.RootElement
            |> Result.bind (fun network ->
                Limits.check network
                |> Result.map (fun () -> network)
                |> Result.mapError List.singleton)
        with :? JsonException as error ->
            let line = error.LineNumber.GetValueOrDefault() + 1L
            let column = error.BytePositionInLine.GetValueOrDefault() + 1L
            Error [ complaint error ||> Problem.at $"line {line}, column {column}" ]
