/// Variants, families and names.
module KneeSeg.Dsl.Tests.VariantTests

open Expecto
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Variants
open KneeSeg.Dsl.Tests.Gallery

let private classic width =
    network2d "classic" [
        encoderDecoder [ for k in [ 1; 2; 4; 8 ] -> rung (k * width) ] (unit 3 (16 * width))
        classify
    ]

let private said spec =
    match Names.parse spec with
    | Ok network -> network.FullName
    | Error diagnostic -> string diagnostic

let private known name =
    match Names.parse name with
    | Ok network -> network
    | Error diagnostic -> failtest (string diagnostic)

let private variant label =
    match VariantRegistry.named label with
    | Ok variant -> variant
    | Error diagnostic -> failtest (string diagnostic)

let private commutes first second network =
    let both a b =
        VariantRegistry.apply (variant a) network
        |> Result.bind (VariantRegistry.apply (variant b))
        |> Result.map _.Body

    match both first second, both second first with
    | Ok one, Ok other -> one = other
    | Error _, Error _ -> true
    | _ -> false

[<Tests>]
let tests =
    testList "variants" [
        test "half the width is the network written at half the width" {
            Expect.equal (scaled 0.5 (classic 64)) (classic 32) "equal specs"
        }

        test "sizes leave classes and the position's layers alone" {
            let graph = Networks.Load("unet3d+relative+tiny", 1, 7)

            let dense =
                graph.Nodes
                |> Array.choose (fun node ->
                    match node.Op with
                    | Op.Dense(i, o, _) -> Some(i, o)
                    | _ -> None)

            Expect.equal dense [| 3, 16; 16, 4; 4, 1 |] "137 parameters at every size"
            Expect.equal graph.Nodes[graph.Output].Shape.Channels 7 "classes"
        }

        test "the attention U-Net is the gated U-Net" {
            Expect.equal (known "attention-unet").Body (known "unet+gated").Body "one spec"

            Expect.equal
                (Networks.Load("attention-unet", 1, 7)).Hash
                (Networks.Load("unet+gated", 1, 7)).Hash
                "one hash"
        }

        test "names are derived from variants, in order" {
            Expect.equal (said "vnet+small+relative") "vnet+small+relative" "name"
        }

        for spec, sentence in
            [
                "unett", "unett: no such network. Did you mean unet or unetr?"
                "segnetz", "segnetz: no such network. Did you mean segnet?"
                "transformer",
                "transformer: no such network. There are "
                + String.concat ", " [ for entry in Zoo.Entries.all -> entry.Network.Name ]
                + "."
                "vnet+smal", "smal: no such variant. Did you mean small?"
                "unet+",
                "variant: no such variant. There are width=FACTOR, tiny, small, large, relative, slice, anisotropic, no-skips, gated, nested, recurrent, deep-supervision, instance-norm, group-norm, 3d."
                "unet+slice",
                "unet: 'slice' changes nothing. It needs a 3D network that outputs its whole depth."
                "unet3d+3d", "unet3d: '3d' changes nothing. It needs a 2D network."
                "vnet+slice+slice",
                "vnet+slice: 'slice' changes nothing. It needs a 3D network that outputs its whole depth."
                "unet3d+relative+relative",
                "unet3d+relative: 'relative' changes nothing. It needs an encoder-decoder that is not conditioned on the position yet."
                "unet3d+no-skips+gated",
                "unet3d+no-skips: 'gated' changes nothing. It needs skip connections without gates."
                "unet3d+tiny+large",
                "unet3d+tiny: 'large' would change the width a second time. Use either 'tiny' or 'large'."
                "unet3d+width=0.75+width=0.75",
                "unet3d+width=0.75: 'width=0.75' would change the width a second time. Use either 'width=0.75' or 'width=0.75'."
                "unet+width=wide",
                "width=wide: 'wide' is not a number. Use a factor from 0.01 to 100, such as 0.5 or 2."
                "unet+width=0",
                "width=0: this width factor is out of range. Use a factor from 0.01 to 100, such as 0.5 or 2."
                "unet+width=nan",
                "width=nan: this width factor is out of range. Use a factor from 0.01 to 100, such as 0.5 or 2."
                "unet+width=1e9",
                "width=1e9: this width factor is out of range. Use a factor from 0.01 to 100, such as 0.5 or 2."
                "unet+width=1", "unet: 'width=1' changes nothing. It needs a layer with a width that changes."
                "attention-unet+gated",
                "attention-unet: 'gated' changes nothing. It needs skip connections without gates."
            ] do
            test $"{spec} is refused" { Expect.equal (said spec) sentence "the sentence" }

        test "older names of variants are accepted, and shown by the current ones" {
            for old, current in
                [
                    "unet3d+highwayless", "unet3d+no-skips"
                    "unet3d+deep", "unet3d+deep-supervision"
                    "unet3d+thin", "unet3d+anisotropic"
                    "unet3d+instance", "unet3d+instance-norm"
                    "unet3d+group+small", "unet3d+group-norm+small"
                ] do
                Expect.equal (said old) current "the current name"
                Expect.equal (known old) (known current) "the same network"
        }

        test "a width factor is any number, and three have names" {
            Expect.equal (said "unet3d+width=0.750+relative") "unet3d+width=0.75+relative" "in one form"

            for name, factor in [ "tiny", "0.25"; "small", "0.5"; "large", "2" ] do
                Expect.equal (said $"unet3d+{name}") $"unet3d+{name}" "keeps its label"

                Expect.equal
                    (known $"unet3d+{name}").Body
                    (known $"unet3d+width={factor}").Body
                    "the same network"

            let widths spec = [
                for node in (Networks.Load(spec, 1, 7)).Nodes do
                    match node.Op with
                    | Op.Conv conv -> conv.Out
                    | _ -> ()
            ]

            Expect.equal (List.truncate 4 (widths "unet3d+width=0.75")) [ 24; 48; 48; 96 ] "three quarters"
        }

        test "unknown names are distinguished from specs that cannot work" {
            let kind spec =
                try
                    Networks.Load(spec, 1, 7) |> ignore
                    None
                with :? SpecException as error ->
                    Some error.IsUnknownName

            Expect.equal (kind "unett") (Some true) "unknown"
            Expect.equal (kind "unet+smal") (Some true) "unknown"
            Expect.equal (kind "unet+slice") (Some false) "known, but cannot work"
        }

        for first, second in
            [
                "small", "relative"
                "small", "no-skips"
                "small", "gated"
                "small", "nested"
                "small", "recurrent"
                "small", "deep-supervision"
                "small", "instance-norm"
                "relative", "no-skips"
                "relative", "gated"
                "relative", "deep-supervision"

                "nested", "gated"
                "nested", "deep-supervision"
                "slice", "deep-supervision"
                "slice", "gated"
                "recurrent", "instance-norm"
            ] do
            testPropertyWithConfig { Laws.config with maxTest = 40 } $"{first} and {second} commute"
            <| fun (Laws.Known network) -> commutes first second network

        testPropertyWithConfig Laws.config "a variant of any network elaborates, or says what it needs"
        <| fun (Laws.Known network) ->
            VariantRegistry.variants
            |> List.forall (fun variant ->
                match VariantRegistry.apply variant network with
                | Ok changed -> Result.isOk (elaborated changed) && changed <> network
                | Error error ->
                    error.Fix = $"It needs {variant.Needs}"
                    || variant.IsWidth && error.Fix.StartsWith "Use either")

        test "slice networks keep the depth of odd kernels, and of no even ones" {
            let kernels = [
                for node in (Networks.Load("vnet+slice", 1, 1)).Nodes do
                    match node.Op with
                    | Op.Conv conv
                    | Op.Deconv conv -> conv.Kernel[1], conv.Kernel[0]
                    | _ -> ()
            ]

            Expect.equal (List.distinct kernels |> List.sort) [ 1, 1; 2, 1; 5, 5 ] "in plane, along depth"
        }

        test "a family has every combination once, and none that changes nothing" {
            let choices = [
                VariantRegistry.widths
                [ variant "relative" ]
                [ variant "slice" ]
                [ variant "no-skips" ]
            ]

            let members =
                VariantRegistry.family choices [ known "unet"; known "unet3d"; known "vnet" ]
            // 4 widths, with and without position and skips; slices in 3D only.
            Expect.equal members.Length (4 * 2 * 2 + 2 * (4 * 2 * 2 * 2)) "members"

            let hashes =
                members
                |> List.map elaborated
                |> List.map (Result.map _.Hash >> Result.defaultValue "")

            Expect.all hashes ((<>) "") "all elaborate"
            Expect.equal (List.distinct hashes).Length members.Length "all different"
        }

        test "equal networks are one member" {
            let members =
                VariantRegistry.family [ [ variant "gated" ] ] [ known "unet"; known "attention-unet" ]

            Expect.equal (members |> List.map _.FullName) [ "unet"; "attention-unet" ] "no unet+gated"
        }
    ]
