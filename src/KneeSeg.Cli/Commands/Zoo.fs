/// `kneeseg zoo`: every network, every variant, and what they cost.
module KneeSeg.Cli.Commands.Zoo

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec

/// What it takes.
type Arguments =
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Json -> "print JSON instead, with every variant of every network"

let private costs (network: Network) =
    let graph = SpecFile.graph 1 7 network
    let size = Models.DefaultSize graph
    graph, size, Models.Cost(graph, size)

/// The network with each single variant that it can have.
let private withVariants network =
    Catalogue.family (Catalogue.variants |> List.map List.singleton) [ network ]
    |> List.filter (fun member' -> member'.Traits.Length = 1)

let private printJson () =
    Output.json (fun writer ->
        let fields (network: Network) =
            let graph, size, cost = costs network
            writer.WriteString("name", network.FullName)
            writer.WriteNumber("rank", graph.Axes)
            writer.WriteNumber("parameters", cost.Parameters)
            writer.WriteNumber("macs", cost.Macs)
            Output.numbers writer "size" size

        writer.WriteStartArray()

        for entry in Zoo.Entries.all do
            writer.WriteStartObject()
            fields entry.Network
            writer.WriteString("summary", entry.Summary)
            writer.WriteString("paper", entry.Paper)
            writer.WriteStartArray "variants"

            for network in withVariants entry.Network do
                writer.WriteStartObject()
                fields network
                writer.WriteEndObject()

            writer.WriteEndArray()
            writer.WriteEndObject()

        writer.WriteEndArray())

let private printTables () =
    Output.table [
        "network", false
        "parameters", true
        "multiply-accumulates", true
        "", false
    ] [
        for entry in Zoo.Entries.all ->
            let _, size, cost = costs entry.Network

            [
                entry.Network.Name
                Output.count cost.Parameters
                $"{Output.short cost.Macs} at {Output.size size}"
                entry.Summary
            ]
    ]

    printfn ""

    Output.table [ "variant", false; "", false; "needs", false ] [
        for variant in Catalogue.variants -> [ "+" + variant.Label; variant.Summary; variant.Needs ]
    ]

    printfn ""

    printfn
        "Counts are for 1 channel and 7 classes. Variants follow a network: kneeseg describe vnet+small+relative"

let private run (arguments: ParseResults<Arguments>) =
    if arguments.Contains Json then
        printJson ()
    else
        printTables ()

    ExitCode.Done

/// The command.
let command =
    Command.create
        "zoo"
        "every network and variant, with their cost"
        "Lists the networks that KneeSeg brings, with parameters and multiply-accumulates, and the variants that
change any of them."
        "kneeseg zoo
        kneeseg zoo --json"
        run
