/// Variants by name, and what it means to apply one: a variant that changes nothing is a mistake.
module KneeSeg.Dsl.Catalogue

open KneeSeg.Dsl.Spec

/// A named edit of networks, and what a network must have for it to change anything.
type Variant = {
    Label: string
    Summary: string
    Needs: string
    Change: Network -> Network
}

let private variant label summary needs change = {
    Label = label
    Summary = summary
    Needs = needs
    Change = change
}

/// Sizes, of which a network has at most one.
let sizes = [
    variant "tiny" "a quarter of every width" "a layer with a width above 1" (Variants.scaled 0.25)
    variant "small" "half of every width" "a layer with a width above 1" (Variants.scaled 0.5)
    variant "large" "twice every width" "a layer with a width" (Variants.scaled 2.0)
]

/// Every variant.
let variants = [
    yield! sizes
    variant
        "relative"
        "knows where in the knee a patch lies"
        "an encoder-decoder that knows no position yet"
        Variants.relative
    variant "slice" "a few slices in, one slice out" "a 3D network that keeps its depth" Variants.slice
    variant "thin" "depth is never made coarser" "a 3D network that steps down in depth" Variants.thin
    variant "highwayless" "nothing crosses from encoder to decoder" "skips" Variants.highwayless
    variant "gated" "attention gates on the skips" "skips without gates" Variants.gated
    variant
        "nested"
        "skips in steps, as in UNet++"
        "skips on two levels or more, not nested yet"
        Variants.nested
    variant
        "recurrent"
        "convolutions that hear their own answers"
        "levels that are rows of convolutions, or residuals of them"
        Variants.recurrent
    variant
        "deep"
        "all levels are held against the labels in training"
        "an encoder-decoder of two levels or more, without heads yet"
        Variants.deep
    variant "instance" "instance norm" "a norm of another kind" (Variants.normed Instance)
    variant "group" "group norm, up to 8 groups" "a norm of another kind" (Variants.normed (GroupUpTo 8))
    variant "3d" "the same network for volumes" "a 2D network" Variants.volumetric
]

/// The variant of a name.
let named label =
    match variants |> List.tryFind (fun variant -> variant.Label = label) with
    | Some variant -> Ok variant
    | None -> Error(Problem.unknown "variant" (variants |> List.map _.Label) label)

/// The network with a variant, or why it has none.
let apply variant (network: Network) : Result<Network, Problem> =
    Limits.check network
    |> Result.bind (fun () ->
        let changed = variant.Change network

        if changed = network then
            Error(
                Problem.at network.FullName $"'{variant.Label}' changes nothing" $"It needs {variant.Needs}"
            )
        else
            Ok {
                changed with
                    Traits = network.Traits @ [ variant.Label ]
            })

/// Every network with and without each variant; of several in one list, at most one.
/// What a variant would not change has no such member, and equal networks are one.
let family (choices: Variant list list) (networks: Network list) =
    let cross members choice =
        members
        @ [
            for network in members do
                for variant in choice do
                    match apply variant network with
                    | Ok changed -> changed
                    | Error _ -> ()
        ]

    List.fold cross networks choices
    |> List.distinctBy (fun network -> { network with Name = ""; Traits = [] })
