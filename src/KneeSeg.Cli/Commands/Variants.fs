/// `kneeseg variants`: the variants of a network with their cost.
module KneeSeg.Cli.Commands.Variants

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Dsl

/// The arguments.
type Arguments =
    | [<MainCommand; Mandatory>] Specs of SPEC: string list
    | With of VARIANTS: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Specs _ -> "networks with variants, or .fsx or .json files"
            | With _ -> "variants to combine, such as small,relative (default: each variant alone)"

let private family crossed networks =
    match crossed with
    | Some labels -> Families.crossed labels networks
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
                match VariantRegistry.apply (Families.variant label) network with
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

let private run (arguments: ParseResults<Arguments>) =
    let networks = arguments.GetResult Specs |> List.collect SpecFile.networks
    let crossed = arguments.TryGetResult With

    // Each variant alone has nothing to be a column beside.
    let isFamily = crossed.IsSome || networks.Length > 1
    family crossed networks |> Families.print isFamily Families.measured
    crossed |> Option.iter (fun labels -> tellUnchanged labels networks)
    ExitCode.Done

/// The command.
let command =
    Command.create
        "variants"
        "List a network's variants with their cost"
        "Lists a network with each of its variants or, with --with, with every combination of the given ones. Variants that do
not change the network are left out. The table has a column for each kind of variant. MACs are multiply-accumulates; training
is the peak memory of a training step with batch size 1. Below it are networks that are equal or cannot be built, and what a
variant leaves unchanged."
        "kneeseg variants unet3d
        kneeseg variants unet3d vnet --with small,large,relative,slice
        kneeseg variants my-family.fsx --with small,gated"
        run
