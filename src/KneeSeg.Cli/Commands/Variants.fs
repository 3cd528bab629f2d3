/// `kneeseg variants`: the variants of a network with their cost.
module KneeSeg.Cli.Commands.Variants

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Dsl
open KneeSeg.Torch.Native

/// The arguments.
type Arguments =
    | [<MainCommand; Mandatory>] Specs of SPEC: string list
    | With of VARIANTS: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Specs _ -> "networks with variants, or .fsx or .json files"
            | With _ -> "variants to combine, such as small,relative (default: each variant alone)"

/// Of several widths or norms a network has at most one; every other variant it has or has not.
let private choices (variants: VariantRegistry.Variant list) =
    variants |> List.groupBy _.Column |> List.map snd

let private named label =
    match VariantRegistry.named label with
    | Ok variant -> variant
    | Error diagnostic -> raise (SpecException [| diagnostic |])

let private family crossed networks =
    match crossed with
    | Some(labels: string) ->
        networks
        |> VariantRegistry.family (labels.Split ',' |> Seq.map named |> List.ofSeq |> choices)
    | None -> [
        for network in networks do
            network

            for variant in VariantRegistry.variants do
                match VariantRegistry.apply variant network with
                | Ok changed -> changed
                | Error _ -> ()
      ]

/// Says which of the given variants change nothing in some of the networks.
let private tellUnchanged (labels: string) (networks: Spec.Network list) =
    let unchanged = [
        for label in labels.Split ',' do
            for network in networks do
                match VariantRegistry.apply (named label) network with
                | Error diagnostic -> (diagnostic.What, diagnostic.Fix), network.FullName
                | Ok _ -> ()
    ]

    for (what, fix), same in List.groupBy fst unchanged do
        let names = same |> List.map snd

        let more =
            if names.Length > 1 then
                $" and {names.Length - 1} more"
            else
                ""

        eprintfn $"{names.Head}{more}: {what}. {fix}"

/// The row of a network, and why it cannot be built, if so.
let private row (network: Spec.Network) =
    try
        let graph, size, cost = Zoo.costs network

        [
            graph.Name
            Output.count cost.Parameters
            Output.short cost.Macs
            Output.size size
            $"{Output.short (LibtorchMemory.Peak(graph, size)).Train}B"
        ],
        ""
    with :? SpecException as error ->
        [ network.FullName; "-"; "-"; "-"; "-" ], $"{error.Where}: {error.What}"

let private run (arguments: ParseResults<Arguments>) =
    let networks = arguments.GetResult Specs |> List.collect SpecFile.networks
    let crossed = arguments.TryGetResult With
    let rows = family crossed networks |> List.map row
    let isWhole = rows |> List.forall (fun (_, reason) -> reason = "")

    Output.table [
        "network", false
        "parameters", true
        "multiply-accumulates", true
        "size", false
        "training", true

        if not isWhole then
            "cannot be built", false
    ] [
        for cells, reason in rows ->
            [
                yield! cells

                if not isWhole then
                    reason
            ]
    ]

    crossed |> Option.iter (fun labels -> tellUnchanged labels networks)
    ExitCode.Done

/// The command.
let command =
    Command.create
        "variants"
        "List a network's variants with their cost"
        "Lists a network with each of its variants or, with --with, with every combination of the given ones. Variants that do
not change the network are left out. Training is the peak memory of a training step with batch size 1."
        "kneeseg variants unet3d
        kneeseg variants unet3d vnet --with small,large,relative,slice
        kneeseg variants my-family.fsx --with small,gated"
        run
