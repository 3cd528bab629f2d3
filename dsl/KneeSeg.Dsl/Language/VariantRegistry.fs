/// Variants by name, and what it means to apply them: one that changes nothing, or that has no effect beside the others, is an
/// error.
module KneeSeg.Dsl.VariantRegistry

open System
open System.Globalization
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Variants

/// A named function from network to network, and what a network needs for it to change anything.
type Variant = {
    Label: string
    /// Older names, accepted wherever the label is.
    Aliases: string list
    Summary: string
    Needs: string
    /// Where a family's table shows it. Variants of one column are alternatives.
    Column: string
    Change: Network -> Network
    /// What a network that it changed still has of what the name denies, in words.
    Leaves: Network -> string option
}

let private variant label summary needs change = {
    Label = label
    Aliases = []
    Summary = summary
    Needs = needs
    Column = label
    Change = change
    Leaves = fun _ -> None
}

let private leaving leaves variant = { variant with Leaves = leaves }

let private alias name variant = { variant with Aliases = name :: variant.Aliases }

let private inColumn column variant = { variant with Column = column }

let private width label summary needs factor =
    variant label summary needs (scaled factor) |> inColumn "width"

/// Widths that have a name of their own.
let widths = [
    width "tiny" "a quarter of every width" "a layer with a width above 1" 0.25
    width "small" "half of every width" "a layer with a width above 1" 0.5
    width "large" "twice every width" "a layer with a width" 2.0
]

/// What stays as it was, counted.
let private counted one more (count: Network -> int) network =
    match count network with
    | 0 -> None
    | 1 -> Some $"1 {one}"
    | n -> Some $"{n} {more}"

let private wholeDepth = "a 3D network that outputs its whole depth"

/// Every variant with a name of its own.
let variants = [
    yield! widths
    variant
        "relative"
        "conditioned on the patch's position"
        "an encoder-decoder that is not conditioned on the position yet"
        relative
    variant "slice" "a few slices in, one slice out" wholeDepth slice
    variant "anisotropic" "never downsamples depth" "a 3D network that downsamples depth" anisotropic
    |> alias "thin"
    variant "no-skips" "no skip connections" "skip connections" withoutSkips
    |> alias "highwayless"
    |> leaving (fun network ->
        match Crossings.left network.Body with
        | [] -> None
        | names -> Some $"""recalls of {String.concat ", " names}, which stand in no branch of their own""")
    variant
        "gated"
        "attention gates on the skip connections (Attention U-Net)"
        "skip connections without gates"
        gated
    variant
        "nested"
        "nested skip connections (UNet++)"
        "skip connections on two levels or more, not nested yet"
        nested
    variant
        "recurrent"
        "recurrent residual convolutions (R2U-Net)"
        "convolutions with norms or activations one after another, or residuals of them"
        recurrentResidual
    |> leaving (counted "convolution that is not recurrent" "convolutions that are not recurrent" unrecurrent)
    variant
        "deep-supervision"
        "compares the outputs of all levels with the labels in training"
        "an encoder-decoder of two levels or more, without deep supervision yet"
        deeplySupervised
    |> alias "deep"
    |> leaving (counted "encoder-decoder of a single level" "encoder-decoders of a single level" unsupervised)
    variant "instance-norm" "instance norm" "a norm of another kind" (withNorm InstanceNorm)
    |> alias "instance"
    |> inColumn "norm"
    variant
        "group-norm"
        "group norm with up to 8 groups"
        "a norm of another kind"
        (withNorm (GroupNormUpTo 8))
    |> alias "group"
    |> inColumn "norm"
    variant "3d" "the same network for volumes" "a 2D network" volumetric
]

/// Variants that differ by a number.
type Numbered = {
    /// How one is written, such as `width=FACTOR`.
    Usage: string
    Summary: string
    Needs: string
    /// The variant of a number as it is written.
    Of: string -> Result<Variant, Diagnostic>
}

let private widthOf (text: string) =
    let refuse what =
        Error(Diagnostic.at $"width={text}" what "Use a factor from 0.01 to 100, such as 0.5 or 2")

    match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
    | false, _ -> refuse $"'{text}' is not a number"
    | _, factor when not (factor >= 0.01 && factor <= 100.0) -> refuse "this width factor is out of range"
    | _, factor ->
        let label = String.Format(CultureInfo.InvariantCulture, "width={0}", factor)
        Ok(width label $"every width times {factor}" "a layer with a width that changes" factor)

let private sliceOf (text: string) =
    match Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
    | true, count when count >= 1 && count <= Limits.axis ->
        variant $"slice={count}" $"{count} slices in, one slice out" wholeDepth (Variants.sliceOf count)
        |> inColumn "slice"
        |> Ok
    | _ ->
        Error(
            Diagnostic.at
                $"slice={text}"
                $"'{text}' is not a number of slices"
                $"Use 1 to {Limits.axis}, such as 7"
        )

/// Every variant with a number.
let numbered = [
    {
        Usage = "width=FACTOR"
        Summary = "every width times FACTOR, rounded"
        Needs = "a layer with a width that changes"
        Of = widthOf
    }
    {
        Usage = "slice=COUNT"
        Summary = "COUNT slices in, one slice out"
        Needs = wholeDepth
        Of = sliceOf
    }
]

/// The names of variants, as they are listed.
let labels =
    List.map (fun (numbered: Numbered) -> numbered.Usage) numbered
    @ List.map _.Label variants

let private keyOf (label: string) =
    label.Substring(0, label.IndexOf '=' + 1)

/// The variant with a name.
let named (name: string) =
    let key = keyOf name

    match
        variants
        |> List.tryFind (fun variant -> List.contains name (variant.Label :: variant.Aliases)),
        numbered
        |> List.tryFind (fun numbered -> key <> "" && key = keyOf numbered.Usage)
    with
    | Some variant, _ -> Ok variant
    | None, Some numbered -> numbered.Of(name.Substring key.Length)
    | None, None -> Error(Diagnostic.unknown "variant" labels name)

let private isWidth variant = variant.Column = "width"

/// The network with a variant, or why there is none.
let apply variant (network: Network) : Result<Network, Diagnostic> =
    let refuse what fix =
        Error(Diagnostic.at network.FullName what fix)

    let instead label =
        $"Use either '{label}' or '{variant.Label}'"

    Limits.check network
    |> Result.bind (fun () ->
        let changed = variant.Change network

        let isGone label =
            not (List.contains label changed.Variants)

        let isOtherWidth label =
            isWidth variant && named label |> Result.exists isWidth

        match List.tryFind isOtherWidth network.Variants, List.tryFind isGone network.Variants with
        | Some width, _ -> refuse $"'{variant.Label}' would change the width a second time" (instead width)
        | _ when unnamed changed = unnamed network ->
            refuse $"'{variant.Label}' changes nothing" $"It needs {variant.Needs}"
        | _, Some undone -> refuse $"'{undone}' has no effect beside '{variant.Label}'" (instead undone)
        | _ -> Ok { changed with Variants = network.Variants @ [ variant.Label ] })

/// The network with variants, one after another. One that has no effect beside the others is refused, as in `gated+no-skips`.
let applyAll (variants: Variant list) (network: Network) : Result<Network, Diagnostic> =
    let all =
        List.fold (fun network variant -> Result.bind (apply variant) network) (Ok network)

    let isIdle changed i =
        match all (List.removeAt i variants) with
        | Ok without -> unnamed without = unnamed changed
        | Error _ -> false

    all variants
    |> Result.bind (fun changed ->
        match [ 0 .. variants.Length - 2 ] |> List.tryFind (isIdle changed) with
        | Some i ->
            Error(
                Diagnostic.at
                    changed.FullName
                    $"'{variants[i].Label}' has no effect beside the other variants"
                    "Leave it out"
            )
        | None -> Ok changed)

/// What the variants of a network leave of what their names deny, in words.
let leftovers (network: Network) = [
    for label in network.Variants do
        match named label with
        | Ok variant ->
            match variant.Leaves network with
            | Some what -> $"'{label}' leaves {what}"
            | None -> ()
        | Error _ -> ()
]

/// Every network with and without each variant; of several in one list, at most one.
/// Combinations in which a variant has no effect are left out.
let combinations (choices: Variant list list) (networks: Network list) =
    let cross members choice =
        members
        @ [
            for network, variants, _ in members do
                for variant in choice do
                    let more = variants @ [ variant ]

                    match applyAll more network with
                    | Ok changed -> network, more, changed
                    | Error _ -> ()
        ]

    List.fold cross [ for network in networks -> network, [], network ] choices
    |> List.map (fun (_, _, changed) -> changed)

/// The same, where equal networks are one.
let family choices networks =
    combinations choices networks |> List.distinctBy unnamed
