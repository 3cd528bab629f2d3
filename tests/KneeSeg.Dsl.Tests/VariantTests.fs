/// Variants, families and names.
module KneeSeg.Dsl.Tests.VariantTests

open Expecto
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Variants
open KneeSeg.Dsl.Zoo
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

let private by label =
    match VariantRegistry.named label with
    | Ok variant -> variant
    | Error diagnostic -> failtest (string diagnostic)

let private any (number: byte) =
    VariantRegistry.variants[int number % VariantRegistry.variants.Length]

let private graphOf network =
    match elaborated network with
    | Ok graph -> graph
    | Error diagnostics -> failtestf "%A" (List.map string diagnostics)

let private parameters network =
    Cost.parametersOf (graphOf network).Nodes

/// The path of the innermost encoder-decoder around a node, and its part there.
let private encoderDecoderOf (path: Step[]) =
    match path |> Array.tryFindIndexBack _.IsLevel with
    | Some level -> Some(path[.. level - 1], path[level + 1])
    | None -> None

let private specOf (node: Node) =
    node.Path
    |> Array.tryFindIndexBack (fun step -> step.IsLevel || step.IsBottleneck)
    |> Option.map (fun part -> node.Path[.. part - 1])

/// Whether a graph is as a variant's name says.
let private does label (graph: Graph) =
    let isVector (node: Node) =
        node.Shape.Stride |> Array.forall ((=) 0)

    let norms = [
        for node in graph.Nodes do
            match node.Op with
            | Op.Norm norm when not (isVector node) -> norm.Kind
            | _ -> ()
    ]

    let crosses (node: Node) arg =
        match encoderDecoderOf node.Path, encoderDecoderOf graph.Nodes[arg].Path with
        | Some(one, (Step.Up | Step.Join | Step.Gate | Step.Decode as part)), Some(other, from) ->
            one = other
            && not node.Op.IsUnpool
            && (from = Step.Encode || from = Step.Skip || from = Step.Down && part <> Step.Up)
        | _ -> false

    match label with
    | "relative" ->
        let positioned =
            graph.Nodes
            |> Array.filter (fun (node: Node) ->
                node.Args |> Array.exists (fun arg -> graph.Nodes[arg].Op = Op.Input "position"))
            |> Array.choose specOf

        graph.Nodes
        |> Array.choose specOf
        |> Array.forall (fun spec -> Array.contains spec positioned)
    | "slice" -> graph.Nodes[graph.Output].Shape.Stride[0] = 0
    | "anisotropic" -> graph.Nodes |> Array.forall (fun (node: Node) -> node.Shape.Stride[0] <= 1)
    | "no-skips" ->
        graph.Nodes
        |> Array.forall (fun (node: Node) -> not (Array.exists (crosses node) node.Args))
    | "gated" ->
        graph.Nodes
        |> Array.exists (fun (node: Node) -> Array.contains Step.Gate node.Path)
    | "nested" ->
        graph.Nodes
        |> Array.exists (fun (node: Node) -> Array.contains (Step.Answer 1) node.Path)
    | "recurrent" ->
        graph.Nodes
        |> Array.exists (fun (node: Node) -> Array.contains (Step.Pass 3) node.Path)
    | "deep-supervision" -> graph.NamedOutputs |> Array.exists _.Name.StartsWith("deep ")
    | "instance-norm" -> List.forall ((=) NormOpKind.Instance) norms
    | "group-norm" -> norms |> List.forall _.IsGroup
    | "3d" -> graph.Axes = 3
    | _ -> true

/// Whether a variant does as its name says, or says why not.
let private keepsItsWord network variant =
    match VariantRegistry.apply variant network with
    | Error problem -> problem.What.EndsWith "changes nothing" || problem.Fix.StartsWith "Use either"
    | Ok changed ->
        match elaborated changed with
        | Ok graph -> does variant.Label graph || not (VariantRegistry.leftovers changed).IsEmpty
        // Not every random network has its widths from what it gets.
        | Error _ -> not (Zoo.Entries.all |> List.exists (fun entry -> entry.Network.Name = network.Name))

/// Two of three resolutions, at the first of which the decoder recalls all encoders, as in UNet 3+.
let private fullScale =
    let level width others = {
        Encode = stage $"of {width}" [ unit 3 width ]
        Down = maxPool 2
        Skip = NoSkip
        Up = upsampleNearest 2
        Decode = chain [ branches (others @ [ unit 3 8 ]); unit 3 width ]
    }

    let seen width size =
        chain [ recall $"of {width}"; maxPool size; unit 3 8 ]

    network2d "full-scale" [
        encoderDecoder
            [
                level 8 [ recall "of 8" ]
                level 16 [ seen 8 2; chain [ recall "of 16"; unit 3 8 ] ]
            ]
            (unit 3 32)
        classify
    ]

/// A network at half the resolution, then one on its logits.
let private cascade =
    let levels = [ rung 8; rung 16 ]

    network3d "cascade" [
        avgPool 2
        encoderDecoder levels (unit 3 32)
        classify
        upsampleLinear 2
        unit 3 8
        encoderDecoder levels (unit 3 32)
        classify
    ]

/// The order of these two says something: which norms the gates have, and whether there is a depth to change.
let private isOrdered (first: VariantRegistry.Variant) (second: VariantRegistry.Variant) =
    match List.sort [ first.Label; second.Label ] with
    | [ "3d"; "anisotropic" | "slice" ]
    | [ "gated"; "group-norm" | "instance-norm" ] -> true
    | _ -> false

[<Tests>]
let tests =
    testList "variants" [
        test "half the width is the network written at half the width" {
            Expect.equal (scaled 0.5 (classic 64)).Body (classic 32).Body "equal specs"
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
                "variant: no such variant. There are width=FACTOR, slice=COUNT, tiny, small, large, relative, slice, anisotropic, no-skips, gated, nested, recurrent, deep-supervision, instance-norm, group-norm, 3d."
                "unet+slice",
                "unet: 'slice' changes nothing. It needs a 3D network that outputs its whole depth."
                "unet3d+3d", "unet3d: '3d' changes nothing. It needs a 2D network."
                "vnet+slice+slice",
                "vnet+slice: 'slice' changes nothing. It needs a 3D network that outputs its whole depth."
                "unet3d+relative+relative",
                "unet3d+relative: 'relative' changes nothing. It needs an encoder-decoder that is not conditioned on the position yet."
                "unet3d+no-skips+gated",
                "unet3d+no-skips: 'gated' changes nothing. It needs skip connections without gates."
                "unet3d+gated+no-skips",
                "unet3d+gated: 'gated' has no effect beside 'no-skips'. Use either 'gated' or 'no-skips'."
                "unet3d+small+nested+relative+no-skips",
                "unet3d+small+nested+relative: 'nested' has no effect beside 'no-skips'. Use either 'nested' or 'no-skips'."
                "unet3d+anisotropic+slice",
                "unet3d+anisotropic: 'anisotropic' has no effect beside 'slice'. Use either 'anisotropic' or 'slice'."
                "unet3d+instance-norm+group-norm",
                "unet3d+instance-norm: 'instance-norm' has no effect beside 'group-norm'. Use either 'instance-norm' or 'group-norm'."
                "unet3d+large+small",
                "unet3d+large: 'small' would change the width a second time. Use either 'large' or 'small'."
                "unet3d+slice=0", "slice=0: '0' is not a number of slices. Use 1 to 65536, such as 7."
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

        testPropertyWithConfig
            Laws.config
            "the order of variants is free, but for norms with gates, and for 3d"
        <| fun (Laws.Known network) (first: byte) (second: byte) ->
            let a, b = any first, any second

            isOrdered a b
            || match VariantRegistry.applyAll [ a; b ] network, VariantRegistry.applyAll [ b; a ] network with
               | Ok one, Ok other -> one.Body = other.Body
               | Error _, Error _ -> true
               | _ -> false

        testPropertyWithConfig Laws.config "no variant that is accepted could be left out"
        <| fun (Laws.Known network) (numbers: byte list) ->
            let variants = List.map any (List.truncate 4 numbers)

            match VariantRegistry.applyAll variants network with
            | Error _ -> true
            | Ok changed ->
                List.indexed variants
                |> List.forall (fun (i, _) ->
                    match VariantRegistry.applyAll (List.removeAt i variants) network with
                    | Ok without ->
                        without.Body <> changed.Body || without.SpatialDims <> changed.SpatialDims
                    | Error _ -> true)

        testPropertyWithConfig Laws.config "a variant of a random network does what it says"
        <| fun (Laws.Legal network) (number: byte) -> keepsItsWord network (any number)

        testPropertyWithConfig Laws.config "a variant of a known network does what it says"
        <| fun (Laws.Known network) (number: byte) -> keepsItsWord network (any number)

        test "without skip connections, nothing is recalled of an encoder either" {
            let cut = withoutSkips fullScale
            Expect.equal cut.FullName "full-scale+no-skips" "its name"
            Expect.isTrue (does "no-skips" (graphOf cut)) "nothing crosses"
            // The branches of 1 -> 8 and 16 -> 8, and as many inputs less of a convolution to 8 and of one to 16.
            let unit inputs outputs = 9L * inputs * outputs + 3L * outputs
            let less = unit 8L 8L + unit 16L 8L + 9L * (8L * 8L + 16L * 16L)
            Expect.equal (parameters fullScale - parameters cut) less "parameters"
        }

        test "a recalled feature map that stands in no branch of its own stays, and is said" {
            let level = {
                rung 8 with
                    Encode = stage "early" [ unit 3 8 ]
                    Skip = NoSkip
                    Decode = shortcut (unit 3 8) (chain [ unit 3 8; keepAll [ recall "early" ] ])
            }

            let network =
                network2d "held" [ encoderDecoder [ rung 4; level ] (unit 3 8); classify ]

            Expect.equal
                (VariantRegistry.leftovers (withoutSkips network))
                [ "'no-skips' leaves recalls of early, which stand in no branch of their own" ]
                "what is left"
        }

        for label, change in [ "relative", relative; "deep-supervision", deeplySupervised ] do
            test $"{label} reaches every encoder-decoder of a cascade" {
                let reached =
                    (graphOf (change cascade)).Nodes
                    |> Array.filter (fun node ->
                        node.InHead || Array.contains Step.Up node.Path && node.Stage.Contains "told")
                    |> Array.map (fun node -> encoderDecoderOf node.Path)
                    |> Array.distinct

                Expect.equal reached.Length 2 "both"
            }

        test "recurrent reaches downsampling and what is around encoder-decoders, and says what it leaves" {
            let strided width =
                chain [ strided 2 (unit 3 width); unit 3 width ]

            let level width = { rung width with Encode = identity; Down = strided (2 * width) }

            let network =
                network3d "strided" [ unit 3 8; encoderDecoder [ level 8; level 16 ] (unit 3 32); classify ]

            let recurrent = recurrentResidual network

            let places =
                (graphOf recurrent).Nodes
                |> Array.filter (fun node -> node.Path |> Array.contains (Step.Recurrent 1))
                |> Array.map (fun node -> Path.text (Array.truncate 2 node.Path))
                |> Array.distinct

            Expect.equal
                places
                [|
                    "sum 1/side 2"
                    "level 1/down"
                    "level 2/down"
                    "bottom/sum 1"
                    "level 2/decode"
                    "level 1/decode"
                |]
                "places"

            Expect.equal
                (VariantRegistry.leftovers recurrent)
                [ "'recurrent' leaves 2 convolutions that are not recurrent" ]
                "the strided ones"
        }

        test "in a script, variants leave a trace in the name" {
            for network, name in
                [
                    scaled 0.5 unet3d, "unet3d+width=0.5"
                    (unet3d |> gated |> relative), "unet3d+gated+relative"
                    withoutSkips (gated unet3d), "unet3d+no-skips"
                    withNorm (GroupNormUpTo 8) (withNorm InstanceNorm unet3d), "unet3d+group-norm"
                    sliceOf 7 (anisotropic unet3d), "unet3d+slice=7"
                    volumetric unet, "unet+3d"
                    gated segNet, "segnet"
                    (gated unet3d |> named "mine"), "mine"
                    variant "norm=instance" (withNorm InstanceNorm >> gated) unet3d, "unet3d+norm=instance"
                ] do
                Expect.equal network.FullName name "the name"
        }

        test "a width leaves the channels of outputs alone" {
            let network =
                network3d "edges" [
                    unit 3 8
                    output "boundary" (conv 1 1) |> against SignedDistance
                    classify
                ]

            let graph = graphOf (scaled 2.0 network)
            Expect.equal graph.Nodes[graph.NamedOutputs[0].Node].Shape.Channels 1 "one distance"
        }

        test "a network of seven slices takes seven" {
            let graph = Networks.Load("unet3d+slice=7", 1, 7)
            Expect.equal (Networks.DefaultSize graph) [| 7; 160; 160 |] "its size"

            Expect.throwsC (fun () -> Networks.CheckSize(graph, [| 5; 160; 160 |])) (fun error ->
                Expect.equal
                    error.Message
                    "unet3d+slice=7, depth: 5 slices, but the network takes 7. Use 7."
                    "the sentence")
        }

        test "a table has a column for each axis of a family" {
            let axes names = [
                for axis in Networks.Axes(Array.ofList names) -> axis.Title, List.ofArray axis.Values
            ]

            Expect.equal
                (axes [
                    "a+depth=2+gated"
                    "a+depth=3"
                    "a+depth=3+small"
                    "a+depth=3+width=0.7+instance-norm"
                ])
                [
                    "network", [ "a"; "a"; "a"; "a" ]
                    "depth", [ "2"; "3"; "3"; "3" ]
                    "gated", [ "yes"; ""; ""; "" ]
                    "width", [ ""; ""; "small"; "0.7" ]
                    "norm", [ ""; ""; ""; "instance-norm" ]
                ]
                "by kind of label"

            Expect.equal
                (axes [ "a+gated+3d"; "b+gated+3d"; "b+3d+slice=7" ])
                [
                    "network", [ "a+3d"; "b+3d"; "b+3d" ]
                    "gated", [ "yes"; "yes"; "" ]
                    "slice", [ ""; ""; "7" ]
                ]
                "what all have beside the name"

            Expect.isEmpty (axes [ "a+gated"; "a" ]) "a single axis is told by the names"
        }

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
            let choices = [ VariantRegistry.widths; [ by "relative" ]; [ by "slice" ]; [ by "no-skips" ] ]

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
                VariantRegistry.family [ [ by "gated" ] ] [ known "unet"; known "attention-unet" ]

            Expect.equal (members |> List.map _.FullName) [ "unet"; "attention-unet" ] "no unet+gated"
        }
    ]
