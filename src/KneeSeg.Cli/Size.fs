/// Sizes as people type them: depth, height and width, or height and width.
module KneeSeg.Cli.Size

open KneeSeg.Data
open KneeSeg.Dsl

/// Reads "64x64x64" or "288x288".
let parse (flag: string) (text: string) =
    let size = PatchSize.Parse text

    if size.HasValue then
        size.Value.Lengths
    else
        Fail.usage
            $"{flag} {text}"
            "not a size"
            "Write depth, height and width as 64x64x64, or height and width as 288x288"

/// The given size, or the network's default; either fits it.
let orDefault (given: string option) (graph: Graph) =
    match given with
    | Some text ->
        let size = parse "--size" text
        Networks.CheckSize(graph, size)
        size
    | None -> Networks.DefaultSize graph
