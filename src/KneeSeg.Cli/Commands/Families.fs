/// Several networks in a table: their cost, with a column for each axis of the family, and what is to be said of single ones.
module KneeSeg.Cli.Commands.Families

open KneeSeg.Cli
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Torch.Native

/// The variant with a name. Throws SpecException if there is none.
let variant label =
    match VariantRegistry.named label with
    | Ok variant -> variant
    | Error diagnostic -> raise (SpecException [| diagnostic |])

/// Networks with and without each of the variants, whose names have commas between them. Of several widths, or several norms, a
/// network has at most one.
let crossed (labels: string) networks =
    let choices =
        labels.Split ','
        |> Seq.map variant
        |> List.ofSeq
        |> List.groupBy _.Column
        |> List.map snd

    VariantRegistry.combinations choices networks

/// What a network costs: its graph, the size it is measured at, and its cost and the memory of a training step there.
type Measured = { Graph: Graph; Size: int[]; Cost: Cost; Training: int64 }

/// At the default size, for 1 channel and 7 classes, with batch size 1.
let measured (network: Network) =
    let graph, size, cost = Zoo.costs network

    {
        Graph = graph
        Size = size
        Cost = cost
        Training = LibtorchMemory.Peak(graph, size).Train
    }

/// Notes on networks beside their cost; the same note on several is one.
let private notes (rows: (Network * Result<Measured, string>) list) =
    let equals =
        rows
        |> List.choose (fun (network, row) ->
            match row with
            | Ok measured -> Some(network.FullName, measured.Graph.Hash)
            | Error _ -> None)
        |> List.groupBy snd
        |> List.collect (fun (_, same) ->
            let names = List.map fst same
            [ for name in names.Tail -> name, $"the same network as {names.Head}" ])

    let ofNetwork (network: Network, row) = [
        match row with
        | Error reason -> network.FullName, $"cannot be built: {reason}"
        | Ok _ ->
            for leftover in VariantRegistry.leftovers network do
                network.FullName, leftover
    ]

    [
        for note, names in equals @ List.collect ofNetwork rows |> List.groupBy snd do
            match names with
            | [ name, _ ] -> $"{name}: {note}"
            | _ -> $"{fst names.Head} and {names.Length - 1} more: {note}"
    ]

/// Prints the table of networks; in place of their names, what tells them apart, if asked to.
let print (byAxis: bool) (measure: Network -> Measured) (networks: Network list) =
    let rows = [
        for network in networks ->
            network,
            try
                Ok(measure network)
            with :? SpecException as error ->
                Error $"{error.Where}: {error.What}"
    ]

    let names = [| for network in networks -> network.FullName |]

    let columns =
        match (if byAxis then Networks.Axes names else [||]) with
        | [||] -> [| { Title = "network"; Values = names } |]
        | axes -> axes

    let numbers row =
        match row with
        | Ok row -> [
            Output.count row.Cost.Parameters
            Output.short row.Cost.Macs
            Output.size row.Size
            $"{Output.short row.Training}B"
          ]
        | Error _ -> [ "-"; "-"; "-"; "-" ]

    Output.table [
        for column in columns do
            column.Title, false
        "parameters", true
        "MACs", true
        "at", false
        "training", true
    ] [
        for i, (_, row) in List.indexed rows ->
            [
                for column in columns do
                    column.Values[i]
                yield! numbers row
            ]
    ]

    match notes rows with
    | [] -> ()
    | notes ->
        printfn ""
        List.iter (printfn "%s") notes
