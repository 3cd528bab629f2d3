/// Variants, families and names.
module KneeSeg.Dsl.Tests.VariantTests

open Expecto
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Variants
open KneeSeg.Dsl.Tests.Gallery

let private classic width =
    planar "classic" [
        ladder [ for k in [ 1; 2; 4; 8 ] -> rung (k * width) ] (unit 3 (16 * width))
        classify
    ]

let private said spec =
    match Names.parse spec with
    | Ok network -> network.FullName
    | Error problem -> string problem

let private known name =
    match Names.parse name with
    | Ok network -> network
    | Error problem -> failtest (string problem)

let private variant label =
    match Catalogue.named label with
    | Ok variant -> variant
    | Error problem -> failtest (string problem)

let private commutes first second network =
    let both a b =
        Catalogue.apply (variant a) network
        |> Result.bind (Catalogue.apply (variant b))
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
            let graph = Models.Load("unet3d+relative+tiny", 1, 7)

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
                (Models.Load("attention-unet", 1, 7)).Hash
                (Models.Load("unet+gated", 1, 7)).Hash
                "one hash"
        }

        test "names are derived from variants, in order" {
            Expect.equal (said "vnet+small+relative") "vnet+small+relative" "name"
        }

        for spec, sentence in
            [
                "unett", "unett: no such network. Did you mean unet?"
                "segnetz", "segnetz: no such network. Did you mean segnet?"
                "transformer",
                "transformer: no such network. There are "
                + String.concat ", " [ for entry in Zoo.Entries.all -> entry.Network.Name ]
                + "."
                "vnet+smal", "smal: no such variant. Did you mean small?"
                "unet+",
                "variant: no such variant. There are tiny, small, large, relative, slice, thin, highwayless, gated, nested, recurrent, deep, instance, group, 3d."
                "unet+slice", "unet: 'slice' changes nothing. It needs a 3D network that keeps its depth."
                "unet3d+3d", "unet3d: '3d' changes nothing. It needs a 2D network."
                "vnet+slice+slice",
                "vnet+slice: 'slice' changes nothing. It needs a 3D network that keeps its depth."
                "unet3d+relative+relative",
                "unet3d+relative: 'relative' changes nothing. It needs an encoder-decoder that knows no position yet."
                "unet3d+highwayless+gated",
                "unet3d+highwayless: 'gated' changes nothing. It needs skips without gates."
                "attention-unet+gated",
                "attention-unet: 'gated' changes nothing. It needs skips without gates."
            ] do
            test $"{spec} is refused" { Expect.equal (said spec) sentence "the sentence" }

        test "unknown names are told from specs that cannot work" {
            let kind spec =
                try
                    Models.Load(spec, 1, 7) |> ignore
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
                "small", "highwayless"
                "small", "gated"
                "small", "nested"
                "small", "recurrent"
                "small", "deep"
                "small", "instance"
                "relative", "highwayless"
                "relative", "gated"
                "relative", "deep"

                "nested", "gated"
                "nested", "deep"
                "slice", "deep"
                "slice", "gated"
                "recurrent", "instance"
            ] do
            testPropertyWithConfig { Laws.config with maxTest = 40 } $"{first} and {second} commute"
            <| fun (Laws.Known network) -> commutes first second network

        testPropertyWithConfig Laws.config "a variant of any network elaborates, or says what it needs"
        <| fun (Laws.Known network) ->
            Catalogue.variants
            // A size of a size may leave too few channels for the halves of a gate.
            |> List.filter (fun variant -> variant.Needs <> "a layer with a width")
            |> List.forall (fun variant ->
                match Catalogue.apply variant network with
                | Ok changed -> Result.isOk (Elaborate.elaborate changed) && changed <> network
                | Error problem -> problem.Fix = $"It needs {variant.Needs}")

        test "slices take all odd windows along, and no even ones" {
            let kernels = [
                for node in (Models.Load("vnet+slice", 1, 1)).Nodes do
                    match node.Op with
                    | Op.Conv conv
                    | Op.Deconv conv -> conv.Kernel[1], conv.Kernel[0]
                    | _ -> ()
            ]

            Expect.equal (List.distinct kernels |> List.sort) [ 1, 1; 2, 1; 5, 5 ] "in plane, along depth"
        }

        test "a family has every combination once, and none that changes nothing" {
            let choices = [
                Catalogue.sizes
                [ variant "relative" ]
                [ variant "slice" ]
                [ variant "highwayless" ]
            ]

            let members =
                Catalogue.family choices [ known "unet"; known "unet3d"; known "vnet" ]
            // 4 sizes, with and without position and skips; slices in 3D only.
            Expect.equal members.Length (4 * 2 * 2 + 2 * (4 * 2 * 2 * 2)) "members"

            let hashes =
                members
                |> List.map Elaborate.elaborate
                |> List.map (Result.map _.Hash >> Result.defaultValue "")

            Expect.all hashes ((<>) "") "all elaborate"
            Expect.equal (List.distinct hashes).Length members.Length "all different"
        }

        test "equal networks are one member" {
            let members =
                Catalogue.family [ [ variant "gated" ] ] [ known "unet"; known "attention-unet" ]

            Expect.equal (members |> List.map _.FullName) [ "unet"; "attention-unet" ] "no unet+gated"
        }
    ]
