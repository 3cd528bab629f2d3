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

let private zoo = [ for entry in Zoo.Entries.all -> entry.Network ]

/// All networks with and without widths, position, slices and skip connections.
let everything () =
    VariantRegistry.family
        [
            VariantRegistry.widths
            [ named "relative" ]
            [ named "slice" ]
            [ named "no-skips" ]
        ]
        zoo

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
    "mednext-s-k5"
    "mednext-l"
    "mednext-l-k5"
]

/// Every network with every single variant that it can have, and some with two.
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
            for labels in (if List.contains network.Name twins then [ [] ] else choices) do
                match apply labels network with
                | Ok changed -> narrow changed
                | Error _ -> ()
    |]
