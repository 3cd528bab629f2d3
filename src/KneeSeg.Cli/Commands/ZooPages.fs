/// The zoo's documentation, made from its specs: a page for all, and one with a picture for each network.
module KneeSeg.Cli.Commands.ZooPages

open System
open KneeSeg.Cli
open KneeSeg.Cli.Markdown
open KneeSeg.Diagrams
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
        [ "receptive field"; Output.size cost.ReceptiveField ]
        [ "size divisor"; Output.size graph.Multiple ]
        if Networks.SmallestBatch(graph, size) > 1 then
            [ "to train"; "batches of 2 or more: a batch norm has one voxel per image" ]
        for node in graph.Nodes do
            if node.Op.IsInput && node.Op <> Op.Input "image" then
                [ "also takes"; $"{node.Stage}, {node.Shape.Channels} numbers" ]
    ]

/// Which network of the zoo a variant of another is, by its spec.
let private sameAs (network: Network) =
    Zoo.Entries.all
    |> List.tryFind (fun entry ->
        entry.Network.SpatialDims = network.SpatialDims
        && entry.Network.Body = network.Body)
    |> Option.map (fun entry -> $": {code entry.Network.Name}")
    |> Option.defaultValue ""

/// Networks of the zoo that are easily taken for a width of another, such as `tiny-unet3d` for `unet3d+tiny`.
let private namesakes =
    let names = [ for entry in Zoo.Entries.all -> entry.Network.Name ]

    [
        for name in names do
            for width in VariantRegistry.widths do
                if List.contains $"{width.Label}-{name}" names then
                    $"{width.Label}-{name}", name, width
    ]

/// Tells a network from its namesakes.
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
            let _, size, cost = ZooTables.costs changed

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
    let counts =
        Networks.ReferenceCounts |> Array.filter (fun row -> isOf network row.Spec)

    let outputs =
        Networks.ReferenceOutputs |> Array.filter (fun row -> isOf network row.Spec)

    [
        ""
        "## Compared with other implementations"
        ""
        if counts.Length > 0 then
            yield! ZooTables.counts counts
        else
            "No other implementation has counted this network."
        ""
        if outputs.Length > 0 then
            yield! ZooTables.outputs outputs
            ""
        else
            "Nor is there an output of another: `probe` prints the numbers to compare with one."
            ""
        "[How other implementations are filled](../zoo.md#outputs), and the command that prints KneeSeg's output:"
        ""
        "```"
        if outputs.Length > 0 then
            for row in outputs do
                ZooReferences.command row
        else
            $"kneeseg probe {network.Name} --classes 7"
        "```"
    ]

let private network (entry: Zoo.Entry) =
    let name = entry.Network.Name
    let graph, size, total = ZooTables.costs entry.Network

    [
        page $"zoo/{name}.md" [
            $"# {name}"
            ""
            ZooTables.made
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
        {
            Path = $"zoo/{name}.svg"
            Text = Diagram.Svg(graph, size)
        }
    ]

/// Every file. Stops, as a fault of ours, where a count is not its reference's; outputs are not computed here.
let all () : Page[] = [|
    page "zoo.md" (ZooTables.page ())
    yield! List.collect network Zoo.Entries.all
|]
