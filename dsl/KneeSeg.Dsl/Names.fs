/// Networks by the names people type: a network, then variants, as in `vnet+small+relative`.
module KneeSeg.Dsl.Names

open System
open KneeSeg.Dsl.Spec

let private networks = Zoo.all |> List.map _.Network

/// The network of the zoo whose name the text begins with (the longest such), and the rest.
let private split (text: string) =
    networks
    |> List.filter (fun network ->
        text = network.Name
        || text.StartsWith(network.Name + "+", StringComparison.Ordinal))
    |> List.sortByDescending _.Name.Length
    |> List.tryHead
    |> Option.map (fun network -> network, text.Substring network.Name.Length)

/// Finds a network and applies the variants after it.
let parse (text: string) : Result<Network, Problem> =
    match split text with
    | None ->
        let word = text.Split('+')[0]
        Error(Problem.unknown "network" (networks |> List.map _.Name) word)
    | Some(network, rest) ->
        let apply network label =
            network
            |> Result.bind (fun network ->
                Catalogue.named label
                |> Result.bind (fun variant -> Catalogue.apply variant network))

        rest.Split('+') |> Seq.skip 1 |> Seq.fold apply (Ok network)
