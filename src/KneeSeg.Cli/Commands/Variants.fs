/// `kneeseg variants`: the family of a network, a line each.
module KneeSeg.Cli.Commands.Variants

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Dsl
open KneeSeg.Torch

/// What it takes.
type Arguments =
    | [<MainCommand; Mandatory>] Specs of SPEC: string list
    | With of VARIANTS: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Specs _ -> "networks with variants, or .fsx or .json files"
            | With _ -> "the variants to cross, such as small,relative; each alone unless given"

/// Of several widths a network has at most one; every other variant it has or has not.
let private choices (variants: VariantRegistry.Variant list) =
    let widths, others = variants |> List.partition (fun variant -> variant.IsWidth)

    [
        if not widths.IsEmpty then
            widths
        yield! List.map List.singleton others
    ]

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

let private run (arguments: ParseResults<Arguments>) =
    let networks = arguments.GetResult Specs |> List.collect SpecFile.networks

    Output.table [
        "network", false
        "parameters", true
        "multiply-accumulates", true
        "size", false
        "training", true
    ] [
        for network in family (arguments.TryGetResult With) networks ->
            let graph = SpecFile.graph 1 7 network
            let size = Networks.DefaultSize graph
            let cost = Networks.Cost(graph, size)

            [
                graph.Name
                Output.count cost.Parameters
                Output.short cost.Macs
                Output.size size
                $"{Output.short (LibtorchMemory.Peak(graph, size)).Train}B"
            ]
    ]

    ExitCode.Done

/// The command.
let command =
    Command.create
        "variants"
        "the family of a network, a line each"
        "Shows a network with each variant it can have or, by --with, with every combination of some. A variant that
would change nothing makes no line. The last column is the memory that training on one such image takes."
        "kneeseg variants unet3d
        kneeseg variants unet3d vnet --with small,large,relative,slice"
        run
