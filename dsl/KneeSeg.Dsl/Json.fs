/// Specs as canonical JSON and back: the form that is stored with weights, and hashed.
module KneeSeg.Dsl.Json

open System
open System.IO
open System.Security.Cryptography
open System.Text
open System.Text.Json
open KneeSeg.Dsl.Spec

/// A block is at most six lists and objects inside the one around it.
let private depth = 6 * Limits.depth + 8

/// Characters of a text that is read.
let private length = 16_000_000

let private bytes network =
    use buffer = new MemoryStream()

    using (new Utf8JsonWriter(buffer, JsonWriterOptions(MaxDepth = depth))) (fun writer ->
        JsonWriter.network writer network)

    buffer.ToArray()

/// The text of a network; equal networks have equal texts. Expects a network within `Limits`.
let text (network: Network) = Encoding.UTF8.GetString(bytes network)

/// Names what a network is, whatever it is called: 16 hexadecimal digits.
let hash (network: Network) =
    let nameless = { network with Name = ""; Traits = [] }
    Convert.ToHexStringLower(SHA256.HashData(bytes nameless)).Substring(0, 16)

/// Reads a network. Problems name the path, such as `spec.body[0].ladder.levels[1].decode`.
let read (text: string) : Result<Network, Problem> =
    if text.Length > length then
        Error(Problem.at "spec" $"has more than {length} characters" "A spec is a few thousand")
    else
        try
            use document = JsonDocument.Parse(text, JsonDocumentOptions(MaxDepth = depth))

            let network = JsonReader.network document.RootElement
            Limits.check network |> Result.map (fun () -> network)
        with
        | JsonValues.Unread problem -> Error problem
        | :? JsonException as e ->
            let line = e.LineNumber.GetValueOrDefault() + 1L
            let column = e.BytePositionInLine.GetValueOrDefault() + 1L
            let what = e.Message.Split(" LineNumber:")[0]

            Error(
                Problem.at
                    $"line {line}, column {column}"
                    $"not JSON: {what.TrimEnd('.')}"
                    "Correct the text there"
            )
