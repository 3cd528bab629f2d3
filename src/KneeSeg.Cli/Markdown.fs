/// Pages in Markdown.
module KneeSeg.Cli.Markdown

/// A table, a line each; columns of numbers end flush.
let table (columns: (string * bool) list) (rows: string list list) : string list =
    let line (cells: string list) =
        "| " + String.concat " | " (cells |> List.map _.Replace("|", "\\|")) + " |"

    let rule (_, isNumber) = if isNumber then "--:" else "---"

    [
        line (List.map fst columns)
        "|" + String.concat "|" (List.map rule columns) + "|"
        yield! List.map line rows
    ]

/// "`unet`".
let code text = $"`{text}`"
