/// Variants by name, and what it means to apply one: a variant that changes nothing is an error.
module KneeSeg.Dsl.VariantRegistry

open System
open System.Globalization
open KneeSeg.Dsl.Spec

/// A named function from network to network, and what a network needs for it to change anything.
type Variant = {
    Label: string
    /// Older names, accepted wherever the label is.
    Aliases: string list
    Summary: string
    Needs: string
    /// Of these a network has at most one.
    IsWidth: bool
    Change: Network -> Network
}

let private variant label summary needs change = {
    Label = label
    Aliases = []
    Summary = summary
    Needs = needs
    IsWidth = false
    Change = change
}

let private alias name variant = { variant with Aliases = name :: variant.Aliases }

let private width label summary needs factor = {
    variant label summary needs (Variants.scaled factor) with
        IsWidth = true
}

/// Widths that have a name of their own.
let widths = [
    width "tiny" "a quarter of every width" "a layer with a width above 1" 0.25
    width "small" "half of every width" "a layer with a width above 1" 0.5
    width "large" "twice every width" "a layer with a width" 2.0
]

/// How a width without a name is written, what it does and what it needs.
let anyWidth =
    "width=FACTOR", "every width times FACTOR, rounded", "a layer with a width that changes"

/// Every variant with a name of its own.
let variants = [
    yield! widths
    variant
        "relative"
        "conditioned on the patch's position"
        "an encoder-decoder that is not conditioned on the position yet"
        Variants.relative
    variant
        "slice"
        "a few slices in, one slice out"
        "a 3D network that outputs its whole depth"
        Variants.slice
    variant "anisotropic" "never downsamples depth" "a 3D network that downsamples depth" Variants.anisotropic
    |> alias "thin"
    variant "no-skips" "no skip connections" "skip connections" Variants.withoutSkips
    |> alias "highwayless"
    variant
        "gated"
        "attention gates on the skip connections (Attention U-Net)"
        "skip connections without gates"
        Variants.gated
    variant
        "nested"
        "nested skip connections (UNet++)"
        "skip connections on two levels or more, not nested yet"
        Variants.nested
    variant
        "recurrent"
        "recurrent residual convolutions (R2U-Net)"
        "encoders, decoders or a bottleneck that are chains of convolutions, or residuals of them"
        Variants.recurrentResidual
    variant
        "deep-supervision"
        "compares the outputs of all levels with the labels in training"
        "an encoder-decoder of two levels or more, without deep supervision yet"
        Variants.deeplySupervised
    |> alias "deep"
    variant "instance-norm" "instance norm" "a norm of another kind" (Variants.withNorm InstanceNorm)
    |> alias "instance"
    variant
        "group-norm"
        "group norm with up to 8 groups"
        "a norm of another kind"
        (Variants.withNorm (GroupNormUpTo 8))
    |> alias "group"
    variant "3d" "the same network for volumes" "a 2D network" Variants.volumetric
]

/// The names of variants, as they are listed.
let labels =
    let widthLabel, _, _ = anyWidth
    widthLabel :: List.map _.Label variants

let private ofFactor (text: string) =
    let refuse what =
        Error(Diagnostic.at $"width={text}" what "Use a factor from 0.01 to 100, such as 0.5 or 2")

    match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
    | false, _ -> refuse $"'{text}' is not a number"
    | _, factor when not (factor >= 0.01 && factor <= 100.0) -> refuse "this width factor is out of range"
    | _, factor ->
        let _, _, needs = anyWidth
        let label = String.Format(CultureInfo.InvariantCulture, "width={0}", factor)
        Ok(width label $"every width times {factor}" needs factor)

/// The variant with a name.
let named (name: string) =
    match
        variants
        |> List.tryFind (fun variant -> List.contains name (variant.Label :: variant.Aliases))
    with
    | Some variant -> Ok variant
    | None when name.StartsWith("width=", StringComparison.Ordinal) -> ofFactor (name.Substring 6)
    | None -> Error(Diagnostic.unknown "variant" labels name)

let private isWidth name =
    match named name with
    | Ok variant -> variant.IsWidth
    | Error _ -> false

/// The network with a variant, or why there is none.
let apply variant (network: Network) : Result<Network, Diagnostic> =
    let refuse what fix =
        Error(Diagnostic.at network.FullName what fix)

    Limits.check network
    |> Result.bind (fun () ->
        match network.Variants |> List.tryFind isWidth with
        | Some width when variant.IsWidth ->
            refuse
                $"'{variant.Label}' would change the width a second time"
                $"Use either '{width}' or '{variant.Label}'"
        | _ ->
            let changed = variant.Change network

            if changed = network then
                refuse $"'{variant.Label}' changes nothing" $"It needs {variant.Needs}"
            else
                Ok { changed with Variants = network.Variants @ [ variant.Label ] })

/// Every network with and without each variant; of several in one list, at most one.
/// Combinations that change nothing are left out, and equal networks are one.
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
    |> List.distinctBy (fun network -> { network with Name = ""; Variants = [] })
