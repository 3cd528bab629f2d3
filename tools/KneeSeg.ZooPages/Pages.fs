/// The zoo's documentation, generated from its specs: an index, and a page with a diagram for each network.
module KneeSeg.ZooPages.Pages

open System
open KneeSeg.Cli
open KneeSeg.Cli.Commands
open KneeSeg.Diagrams
open KneeSeg.ZooPages.Tables
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec

/// A file of the documentation.
type Page = {
    /// Inside the folder of the documentation.
    Path: string
    Text: string
}

let private page path (lines: string list) = { Path = path; Text = String.concat "\n" lines + "\n" }

let private cost (graph: Graph) size (cost: Cost) =
    table [ "network", false; "", false ] [
        [ "parameters"; Output.count cost.Parameters ]
        [ "multiply-accumulates"; $"{Output.count cost.Macs} at {Output.size size}" ]
        for label, value in Describe.inputFacts graph size cost do
            [ label; value ]
    ]

/// The network of the zoo that a variant equals, if any.
let private sameAs (network: Network) =
    Zoo.Entries.all
    |> List.tryFind (fun entry ->
        entry.Network.SpatialDims = network.SpatialDims
        && entry.Network.Body = network.Body)
    |> Option.map (fun entry -> $": {code entry.Network.Name}")
    |> Option.defaultValue ""

/// Networks of the zoo with a name like a variant of another, such as `tiny-unet3d` and `unet3d+tiny`.
let private namesakes =
    let names = [ for entry in Zoo.Entries.all -> entry.Network.Name ]

    [
        for name in names do
            for width in VariantRegistry.widths do
                if List.contains $"{width.Label}-{name}" names then
                    $"{width.Label}-{name}", name, width
    ]

/// Notes that tell a network from its namesakes.
let private apart (network: Network) = [
    for published, name, width in namesakes do
        if network.Name = name then
            ""

            $"`{name}+{width.Label}` is not [{published}]({published}.md), which is a published network."

        if network.Name = published then
            ""
            $"Not `{name}+{width.Label}`, which is [{name}]({name}.md) with {width.Summary}."
]

let private variants (network: Network) =
    let takes, refuses =
        VariantRegistry.variants
        |> List.partition (fun variant -> Result.isOk (VariantRegistry.apply variant network))

    let row (variant: VariantRegistry.Variant) =
        match VariantRegistry.apply variant network with
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
        "effect", false
        "parameters", true
        "multiply-accumulates", true
        "input", false
    ]

    [
        yield! table columns (List.map row takes)

        if not refuses.IsEmpty then
            ""
            "Not applicable:"
            ""

            for variant in refuses do
                $"- {code variant.Label} requires {variant.Needs}"
    ]

let private isOf (network: Network) (spec: string) = spec.Split('+')[0] = network.Name

let private references (network: Network) =
    let counts =
        Networks.ReferenceCounts |> Array.filter (fun row -> isOf network row.Spec)

    let outputs =
        Networks.ReferenceOutputs |> Array.filter (fun row -> isOf network row.Spec)

    [
        ""
        "## Compared with other implementations"
        ""
        if counts.Length > 0 then
            yield! Tables.counts counts
        else
            "No reference counts are available."
        ""
        if outputs.Length > 0 then
            yield! Tables.outputs outputs
            ""
        else
            "No reference output is available; `verify` prints the values to compare."
            ""
        "To print KneeSeg's output ([definition of weights and input](../zoo.md#outputs)):"
        ""
        "```"
        if outputs.Length > 0 then
            for row in outputs do
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
            $"![The parts of {name}, and their outputs]({name}.svg)"
            ""
            $"**Paper.** {entry.Paper}."
            ""
            $"**Differences.** {entry.Departures}"
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
            yield! apart entry.Network
            yield! references entry.Network
        ]
        { Path = $"zoo/{name}.svg"; Text = Diagram.Svg(graph, size) }
    ]

/// Every file. Fails if a count differs from its reference; outputs are not computed here.
let all () : Page[] = [|
    page "zoo.md" (Tables.page ())
    yield! List.collect network Zoo.Entries.all
|]
