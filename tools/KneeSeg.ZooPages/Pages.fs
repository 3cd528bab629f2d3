/// The zoo's documentation, generated from its specs: an index, and a page with a diagram for each network.
module KneeSeg.ZooPages.Pages

open System
open KneeSeg.Cli
open KneeSeg.Cli.Commands
open KneeSeg.ZooPages.Tables
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec

/// A file of the documentation.
type Page = {
    /// Inside the folder of the documentation.
    Path: string
    Text: string
}

let private page path (lines: string list) = {
    Path = path
    Text = String.concat "\n" lines + "\n"
}

let private cost (graph: Graph) size (cost: Cost) =
    table [ "whole", false; "", false ] [
        [ "parameters"; Output.count cost.Parameters ]
        [ "multiply-accumulates"; $"{Output.count cost.Macs} at {Output.size size}" ]
        [ "one voxel sees"; Output.size cost.ReceptiveField ]
        [ "sizes are multiples of"; Output.size graph.Multiple ]
        if Models.SmallestBatch(graph, size) > 1 then
            [ "to train"; "batches of 2 or more: a batch norm sees one voxel of an image" ]
        for node in graph.Nodes do
            if node.Op.IsInput && node.Stage <> "image" then
                [ "also takes"; $"{node.Stage}, {node.Shape.Channels} numbers" ]
    ]

/// Which network of the zoo a variant of another is, by its spec.
let private sameAs (network: Network) =
    Zoo.Entries.all
    |> List.tryFind (fun entry -> entry.Network.Rank = network.Rank && entry.Network.Body = network.Body)
    |> Option.map (fun entry -> $": {code entry.Network.Name}")
    |> Option.defaultValue ""

let private variants (network: Network) =
    let takes, refuses =
        Catalogue.variants
        |> List.partition (fun variant -> Result.isOk (Catalogue.apply variant network))

    let row (variant: Catalogue.Variant) =
        match Catalogue.apply variant network with
        | Ok changed ->
            let _, size, cost = Zoo.costs changed

            [
                code changed.FullName
                variant.Summary + sameAs changed
                Output.count cost.Parameters
                Output.count cost.Macs
                Output.size size
            ]
        | Error problem -> failwith (string problem)

    let columns = [
        "variant", false
        "does", false
        "parameters", true
        "multiply-accumulates", true
        "at", false
    ]

    [
        yield! table columns (List.map row takes)

        if not refuses.IsEmpty then
            ""
            "Refused, since they would change nothing:"
            ""

            for variant in refuses do
                $"- {code variant.Label} needs {variant.Needs}"
    ]

let private isOf (network: Network) (spec: string) = spec.Split('+')[0] = network.Name

let private references (network: Network) =
    let counts = Models.Counts |> Array.filter (fun row -> isOf network row.Spec)

    let answers = Models.Fingerprints |> Array.filter (fun row -> isOf network row.Spec)

    [
        ""
        "## Held against other implementations"
        ""
        if counts.Length > 0 then
            yield! Tables.counts counts
        else
            "No other implementation has counted this network."
        ""
        if answers.Length > 0 then
            yield! Tables.answers answers
            ""
        else
            "Nor is another's answer at hand: `verify` gives the numbers to compare with one."
            ""
        "[How other implementations are filled](../zoo.md#answers), and what KneeSeg answers:"
        ""
        "```"
        if answers.Length > 0 then
            for row in answers do
                References.command row
        else
            $"kneeseg verify {network.Name} --classes 7"
        "```"
    ]

let private network (entry: Zoo.Entry) =
    let name = entry.Network.Name
    let graph, size, total = Zoo.costs entry.Network

    [
        page $"zoo/{name}.md" [
            $"# {name}"
            ""
            Tables.made
            ""
            $"{Char.ToUpperInvariant entry.Summary[0]}{entry.Summary.Substring 1}."
            ""
            $"![The parts of {name}, and what they hand on]({name}.svg)"
            ""
            $"**Paper.** {entry.Paper}."
            ""
            $"**Where it departs.** {entry.Departures}"
            ""
            "## Parts"
            ""
            $"For {graph.Channels} channel and {graph.Classes} classes, at {Output.size size}."
            ""
            yield! Describe.partTable Output.count graph size ||> table
            ""
            yield! cost graph size total
            ""
            "## Variants"
            ""
            yield! variants entry.Network
            yield! references entry.Network
        ]
        {
            Path = $"zoo/{name}.svg"
            Text = Models.Svg(graph, size)
        }
    ]

/// Every file. Fails if a count differs from its reference; outputs are not computed here.
let all () : Page[] = [|
    page "zoo.md" (Tables.page ())
    yield! List.collect network Zoo.Entries.all
|]
