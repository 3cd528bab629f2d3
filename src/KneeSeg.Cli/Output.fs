/// What commands print: numbers for people, tables in columns, and JSON for programs.
module KneeSeg.Cli.Output

open System
open System.Globalization
open System.Text.Encodings.Web
open System.Text.Json

let private format (pattern: string) (value: obj) =
    String.Format(CultureInfo.InvariantCulture, pattern, value)

/// "34,526,279".
let count (n: int64) = format "{0:N0}" n

/// "82.6 G", with three digits.
let short (n: int64) =
    let scale, letter =
        if n >= 1_000_000_000_000L then 1e12, " T"
        elif n >= 1_000_000_000L then 1e9, " G"
        elif n >= 1_000_000L then 1e6, " M"
        elif n >= 1_000L then 1e3, " k"
        else 1.0, ""

    format "{0:G3}" (float n / scale) + letter

/// "0.83" with so many decimals; a dash where there is no number.
let decimal (places: int) (value: Nullable<float>) =
    if value.HasValue then
        value.Value.ToString("F" + string places, CultureInfo.InvariantCulture)
    else
        "–"

/// "64x64x64".
let size (numbers: int[]) = String.Join('x', numbers)

/// Columns as wide as what stands in them; those of numbers end flush.
let table (columns: (string * bool) list) (rows: string list list) =
    let widths =
        columns
        |> List.mapi (fun i (title, _) ->
            rows |> List.map (List.item i >> String.length) |> List.fold max title.Length)

    let line cells =
        let cell (text: string, width: int, (_, isNumber)) =
            if isNumber then text.PadLeft width else text.PadRight width

        List.zip3 cells widths columns
        |> List.map cell
        |> String.concat "  "
        |> _.TrimEnd()

    printfn "%s" (line (List.map fst columns))

    for row in rows do
        printfn "%s" (line row)

/// One JSON value on stdout.
let json (write: Utf8JsonWriter -> unit) =
    use stdout = Console.OpenStandardOutput()

    let options =
        JsonWriterOptions(Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)

    using (new Utf8JsonWriter(stdout, options)) write
    stdout.WriteByte(byte '\n')

/// A list of real numbers as a field.
let reals (writer: Utf8JsonWriter) (name: string) (values: float seq) =
    writer.WriteStartArray name
    Seq.iter (fun (value: float) -> writer.WriteNumberValue value) values
    writer.WriteEndArray()

/// A list of numbers as a field.
let numbers (writer: Utf8JsonWriter) (name: string) (values: int seq) =
    writer.WriteStartArray name
    Seq.iter (fun (value: int) -> writer.WriteNumberValue value) values
    writer.WriteEndArray()
