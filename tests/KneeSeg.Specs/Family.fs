/// The zoo and its family, as narrow as networks of the same form can be: quick to run, and nothing left out.
module KneeSeg.Specs.Family

open KneeSeg.Dsl
open KneeSeg.Dsl.Spec

/// A network by its name, and what it is as JSON.
type Member = { Name: string; Spec: string }

let private named label =
    match VariantRegistry.named label with
    | Ok variant -> variant
    | Error diagnostic -> invalidArg label (string diagnostic)

let private networks entries = [ for entry: Zoo.Entry in entries -> entry.Network ]

/// Networks whose variants are combined; of the others each variant stands alone, which keeps the tests quick.
let private combined =
    networks (
        List.concat [
            Zoo.SegNet.entries
            Zoo.UNet.entries
            Zoo.MultiResUNet.entries
            Zoo.Tiramisu.entries
            Zoo.DeepLab.entries
            Zoo.UNet3d.entries
            Zoo.VNet.entries
            Zoo.KneeBaselines.entries
        ]
    )

let private zoo = networks Zoo.Entries.all
let private others = List.except combined zoo

/// All networks, those that are combined with and without widths, position, slices and skip connections.
let everything () =
    VariantRegistry.family
        [
            VariantRegistry.widths
            [ named "relative" ]
            [ named "slice" ]
            [ named "no-skips" ]
        ]
        combined
    @ others

/// Of a few channels dropout may leave none, and no gradient.
let private undropped (network: Network) = {
    network with
        Body =
            network.Body
            |> Blocks.rewriteLayers (function
                | ChannelDropout _ -> ChannelDropout 0.0
                | Dropout _ -> Dropout 0.0
                | StochasticDepth _ -> StochasticDepth 0.0
                | layer -> layer)
}

let private narrow (network: Network) = {
    Name = network.FullName
    Spec = network |> Variants.scaled (1.0 / 16.0) |> undropped |> Json.text
}

/// The family's networks that still differ when they are narrow.
let narrowFamily: Member[] =
    everything ()
    |> List.map (fun network -> network.Name, narrow network)
    |> List.distinctBy (fun (_, one) -> (Networks.Load(one.Spec, 1, 2)).Hash)
    |> List.map snd
    |> Array.ofList

/// Networks that differ from another of the zoo by a variant or in depth alone: enough to train as they are.
let private twins = [
    "attention-unet"
    "r2-unet"
    "r2-attention-unet"
    "deeplab-v3-plus"
    "dynunet"
    "mednext-s-k5"
    "mednext-l"
    "mednext-l-k5"
]

/// The network with each of these variants that changes it.
let private withAll labels network =
    (network, labels)
    ||> List.fold (fun network label ->
        match VariantRegistry.apply (named label) network with
        | Ok changed -> changed
        | Error _ -> network)

/// Every network; those that are combined also with every single variant that they can have and some with two, the others with
/// many at once.
let narrowVariants: Member[] =
    let pairs = [
        "3d", "relative"
        "3d", "slice"
        "nested", "gated"
        "slice", "deep-supervision"
        "recurrent", "relative"
    ]

    let apply labels network =
        (Ok network, labels)
        ||> List.fold (fun network label -> Result.bind (VariantRegistry.apply (named label)) network)

    let single =
        VariantRegistry.variants
        |> List.skip VariantRegistry.widths.Length
        |> List.map (fun variant -> [ variant.Label ])

    let choices = [] :: single @ [ for first, second in pairs -> [ first; second ] ]

    [|
        for network in zoo do
            if List.contains network.Name twins then
                narrow network
            // Tiramisu's hundred layers take as long as all the others.
            elif List.contains network combined && network.Name <> "tiramisu" then
                for labels in choices do
                    match apply labels network with
                    | Ok changed -> narrow changed
                    | Error _ -> ()
            else
                narrow network
                narrow (withAll [ "recurrent"; "gated"; "nested"; "deep-supervision"; "relative" ] network)
    |]
    |> Array.distinctBy _.Name
