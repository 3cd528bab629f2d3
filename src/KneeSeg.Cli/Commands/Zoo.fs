/// `kneeseg zoo`: every network, every variant, and what they cost.
module KneeSeg.Cli.Commands.Zoo

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec

/// The arguments.
type Arguments =
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Json -> "print a JSON array, with every variant of every network"

/// A network's graph for 1 channel and 7 classes, its default size, and its cost at that size.
let costs (network: Network) =
    let graph = SpecFile.graph 1 7 network
    let size = Networks.DefaultSize graph
    graph, size, Networks.Cost(graph, size)

/// The network with each single variant that it can have.
let private withVariants network =
    VariantRegistry.family (VariantRegistry.variants |> List.map List.singleton) [ network ]
    |> List.filter (fun member' -> member'.Variants.Length = 1)

/// A variant of a network of the zoo, as `--json` prints it.
type VariantCost = { Name: string; Rank: int; Parameters: int64; Macs: int64; Size: int[] }

/// A network of the zoo, as `--json` prints it.
type NetworkCost = {
    Name: string
    Rank: int
    Parameters: int64
    Macs: int64
    Size: int[]
    Summary: string
    Paper: string
    Departures: string
    Variants: VariantCost list
}

let private variantCost (network: Network) : VariantCost =
    let graph, size, cost = costs network

    {
        Name = network.FullName
        Rank = graph.Axes
        Parameters = cost.Parameters
        Macs = cost.Macs
        Size = size
    }

let private networkCost (entry: Zoo.Entry) : NetworkCost =
    let own = variantCost entry.Network

    {
        Name = own.Name
        Rank = own.Rank
        Parameters = own.Parameters
        Macs = own.Macs
        Size = own.Size
        Summary = entry.Summary
        Paper = entry.Paper
        Departures = entry.Departures
        Variants = withVariants entry.Network |> List.map variantCost
    }

/// Every variant: its label, its effect and what it requires.
let variantRows = [
    for numbered in VariantRegistry.numbered do
        numbered.Usage, numbered.Summary, numbered.Needs

    for variant in VariantRegistry.variants do
        variant.Label, variant.Summary, variant.Needs
]

let private printTables () =
    for name, entries in Zoo.Entries.groups do
        let rows = [ for entry: Zoo.Entry in entries -> entry, costs entry.Network ]

        let sizes = [ for _, (_, size, _) in rows -> Output.size size ]

        Output.table [
            name, false
            "parameters", true
            $"MACs at {List.head sizes}", true
            "", false
        ] [
            for entry, (_, _, cost) in rows ->
                [
                    entry.Network.Name
                    Output.count cost.Parameters
                    Output.short cost.Macs
                    entry.Summary
                ]
        ]

        printfn ""

    Output.table [ "variant", false; "", false; "requires", false ] [
        for label, summary, needs in variantRows -> [ "+" + label; summary; needs ]
    ]

    printfn ""

    printfn
        "Costs are for 1 channel and 7 classes. Append variants to a name: kneeseg describe vnet+small+relative"

let private run (arguments: ParseResults<Arguments>) =
    if arguments.Contains Json then
        Output.json (List.map networkCost Zoo.Entries.all)
    else
        printTables ()

    ExitCode.Done

/// The command.
let command =
    Command.create
        "zoo"
        "List all networks and variants with their cost"
        "Lists the built-in networks with parameters and multiply-accumulates, and the variants that modify them."
        "kneeseg zoo
        kneeseg zoo --json"
        run
