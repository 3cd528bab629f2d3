/// What commands print on stdout: numbers and tables for people, JSON for programs.
module KneeSeg.Cli.Output

open System
open System.Globalization
open System.IO
open System.Text.Json
open KneeSeg
open Spectre.Console

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

/// The columns that a line may take: at most 120, and a terminal's.
let width () =
    if Console.IsOutputRedirected then
        120
    else
        Console.WindowWidth |> max 40 |> min 120

/// A table as lines of at most 120 columns; columns of numbers are right-aligned. Plain text unless stdout is a terminal.
let private render isTerminal (columns: (string * bool) list) (rows: string list list) =
    use text = new StringWriter()
    let console = AnsiConsole.Create(AnsiConsoleSettings(Out = AnsiConsoleOutput text))

    console.Profile.Width <- width ()

    let table =
        Table(Border = (if isTerminal then TableBorder.Simple else TableBorder.None))

    for title, isNumber in columns do
        let column = TableColumn(Markup.Escape title)
        column.Padding <- Padding(0, 0, 2, 0)

        if isNumber then
            column.Alignment <- Justify.Right
            column.NoWrap <- true

        table.AddColumn column |> ignore

    for row in rows do
        table.AddRow(row |> List.map Markup.Escape |> Array.ofList) |> ignore

    console.Write table
    (string text).TrimEnd().Split '\n' |> Array.map _.TrimEnd()

/// Prints a table whose columns have a title and are numbers or not.
let table (columns: (string * bool) list) (rows: string list list) =
    for line in render (not Console.IsOutputRedirected) columns rows do
        printfn "%s" line

/// Prints a record, or an array of them, as JSON: its fields are what `--json` promises.
let json (value: 'T) =
    use stdout = Console.OpenStandardOutput()
    JsonSerializer.Serialize(stdout, value, JsonStyle.Printed)
    stdout.WriteByte(byte '\n')
