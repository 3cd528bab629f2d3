/// Networks by the names people type: a network, then variants, as in `vnet+small+relative`.
module KneeSeg.Dsl.Names

open System
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Zoo

let private networks = Entries.all |> List.map _.Network

/// Names of papers that hold a `+` of their own.
let private otherNames = [
    "unet++", "unet-plus-plus"
    "unet3+", "unet3-plus"
    "resunet++", "resunet-plus-plus"
    "deeplabv3+", "deeplab-v3-plus"
]

let private byName = [
    for network in networks do
        network.Name, network

    for also, name in otherNames do
        also, networks |> List.find (fun network -> network.Name = name)
]

/// The network of the zoo whose name the text begins with (the longest such), and the rest.
let private split (text: string) =
    byName
    |> List.filter (fun (name, _) -> text = name || text.StartsWith(name + "+", StringComparison.Ordinal))
    |> List.sortByDescending (fun (name, _) -> name.Length)
    |> List.tryHead
    |> Option.map (fun (name, network) -> network, text.Substring name.Length)

/// The network with variants, given as they follow a name: `+small+relative`.
let withVariants (text: string) (network: Network) : Result<Network, Diagnostic> =
    let add variants label =
        variants
        |> Result.bind (fun variants ->
            VariantRegistry.named label
            |> Result.map (fun variant -> variants @ [ variant ]))

    text.Split('+')
    |> Seq.skip 1
    |> Seq.fold add (Ok [])
    |> Result.bind (fun variants -> VariantRegistry.applyAll variants network)

/// Finds a network and applies the variants after it.
let parse (text: string) : Result<Network, Diagnostic> =
    match split text with
    | None ->
        let word = text.Split('+')[0]
        Error(Diagnostic.unknown "network" (networks |> List.map _.Name) word)
    | Some(network, rest) -> withVariants rest network
