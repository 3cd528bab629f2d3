/// `kneeseg zoo`: every network, every variant, and what they cost.
module KneeSeg.Cli.Commands.Zoo

open System.IO
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec

/// What it takes.
type Arguments =
    | Json
    | Docs of DIR: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Json -> "print JSON instead, with every variant of every network"
            | Docs _ ->
                "write the zoo's pages there instead, after running what other implementations have run"

/// The network with each single variant that it can have.
let private withVariants network =
    VariantRegistry.family (VariantRegistry.variants |> List.map List.singleton) [ network ]
    |> List.filter (fun member' -> member'.Variants.Length = 1)

let private printJson () =
    Output.json (fun writer ->
        let fields (network: Network) =
            let graph, size, cost = ZooTables.costs network
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
            writer.WriteString("departures", entry.Departures)
            writer.WriteStartArray "variants"

            for network in withVariants entry.Network do
                writer.WriteStartObject()
                fields network
                writer.WriteEndObject()

            writer.WriteEndArray()
            writer.WriteEndObject()

        writer.WriteEndArray())

/// A text in lines of at most so many letters.
let private wrapped length (text: string) =
    let put lines (word: string) =
        match lines with
        | (line: string) :: above when line.Length + 1 + word.Length <= length -> $"{line} {word}" :: above
        | lines -> word :: lines

    text.Split ' ' |> Seq.fold put [] |> List.rev

/// A table whose last column goes on below itself, for a terminal of 120 columns.
let private printWrapped (columns: (string * bool) list) (rows: string list list) =
    let last = columns.Length - 1

    let width i =
        (fst columns[i]).Length :: List.map (List.item i >> String.length) rows
        |> List.max

    let left = 120 - List.sumBy (fun i -> width i + 2) [ 0 .. last - 1 ]

    Output.table columns [
        for row in rows do
            for i, line in List.indexed (wrapped left row[last]) do
                (if i = 0 then
                     List.truncate last row
                 else
                     List.replicate last "")
                @ [ line ]
    ]

let private printTables () =
    for name, entries in Zoo.Entries.groups do
        let rows = [ for entry: Zoo.Entry in entries -> entry, ZooTables.costs entry.Network ]

        let sizes = [ for _, (_, size, _) in rows -> Output.size size ]

        printWrapped [
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

    printWrapped [ "variant", false; "", false; "needs", false ] [
        for label, summary, needs in ZooTables.variantRows -> [ "+" + label; summary; needs ]
    ]

    printfn ""

    printfn
        "Counts are for 1 channel and 7 classes. Variants follow a network: kneeseg describe vnet+small+relative"

/// Nothing is written unless every count and every output is its reference's.
let private writePages folder =
    let pages = ZooPages.all ()

    Screen.watch (fun screen ->
        let rows = Networks.ReferenceOutputs

        [
            for i, row in Seq.indexed rows do
                screen.Report(KneeSeg.Progress("comparing outputs", int64 i, int64 rows.Length, row.Spec))
                yield! ZooReferences.differingOutputs row
        ])
    |> ZooReferences.insist

    for page in pages do
        AtomicFile.WriteText(Path.Combine(folder, page.Path), page.Text)

    printfn $"{pages.Length} files in {folder}; every count and every output is its reference's"

let private run (arguments: ParseResults<Arguments>) =
    match arguments.TryGetResult Docs with
    | Some folder -> writePages folder
    | None when arguments.Contains Json -> printJson ()
    | None -> printTables ()

    ExitCode.Done

/// The command.
let command =
    Command.create
        "zoo"
        "every network and variant, with their cost"
        "Lists the networks that KneeSeg brings, with parameters and multiply-accumulates, and the variants that
change any of them. With --docs it writes a page for each, and compares them with other implementations."
        "kneeseg zoo
        kneeseg zoo --json
        kneeseg zoo --docs docs"
        run
