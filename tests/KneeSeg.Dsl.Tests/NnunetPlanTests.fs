/// Networks of nnU-Net's plans, against what PyTorch's modules of the same plans have.
module KneeSeg.Dsl.Tests.NnunetPlanTests

open Expecto
open KneeSeg.Dsl

let private plain =
    NnunetPlan.Create(
        "plain",
        false,
        [| 32; 64; 128 |],
        [| [| 1; 3; 3 |]; [| 3; 3; 3 |]; [| 3; 3; 3 |] |],
        [| [| 1; 1; 1 |]; [| 1; 2; 2 |]; [| 2; 2; 2 |] |],
        [| 2; 2; 2 |],
        [| 2; 2 |],
        true,
        false,
        1e-5,
        0.01
    )

let private residual = {
    plain with
        Name = "residual"
        IsResidual = true
        Encoder = [| 1; 3; 2 |]
        Decoder = [| 1; 1 |]
        Kernels = Array.create 3 [| 3; 3; 3 |]
}

let private named (plan: NnunetPlan) classes =
    let network = Networks.OfNnunet plan
    let graph = Networks.Elaborate(network.Spec, 1, classes)

    let stages = [|
        for node in graph.Nodes do
            if node.Weights <> "" then
                node.Stage
    |]

    Expect.hasLength network.Modules stages.Length "a module for each node with weights"
    graph, Array.zip network.Modules stages

[<Tests>]
let tests =
    testList "plans of nnU-Net" [
        test "modules of PlainConvUNet are at the stages that compute the same" {
            let _, pairs = named plain 7

            let convolutions =
                pairs |> Array.filter (fun (name, _) -> not (name.EndsWith ".norm"))

            Expect.equal
                convolutions
                [|
                    "encoder.stages.0.0.convs.0.conv", "level 1/encode/conv 1"
                    "encoder.stages.0.0.convs.1.conv", "level 1/encode/conv 2"
                    "encoder.stages.1.0.convs.0.conv", "level 1/down/conv 1"
                    "encoder.stages.1.0.convs.1.conv", "level 2/encode/conv 1"
                    "encoder.stages.2.0.convs.0.conv", "level 2/down/conv 1"
                    "encoder.stages.2.0.convs.1.conv", "bottom/conv 1"
                    "decoder.transpconvs.0", "level 2/up/deconv 1"
                    "decoder.stages.0.convs.0.conv", "level 2/decode/conv 1"
                    "decoder.stages.0.convs.1.conv", "level 2/decode/conv 2"
                    "decoder.transpconvs.1", "level 1/up/deconv 1"
                    "decoder.stages.1.convs.0.conv", "level 1/decode/conv 1"
                    "decoder.stages.1.convs.1.conv", "level 1/decode/conv 2"
                    "decoder.seg_layers.0", "level 2/head/conv 1"
                    "decoder.seg_layers.1", "conv 1"
                |]
                "module and stage"

            for name, stage in pairs do
                if name.EndsWith ".norm" then
                    let conv = name.Replace(".norm", ".conv")

                    Expect.contains
                        pairs
                        (conv, stage.Replace("norm", "conv"))
                        "a norm is beside its convolution"
        }

        test "shapes of PlainConvUNet are PyTorch's" {
            let graph, pairs = named plain 7

            let shape name =
                let stage = pairs |> Array.find (fst >> (=) name) |> snd

                match (graph.Nodes |> Array.find (fun node -> node.Stage = stage)).Op with
                | Op.Conv op -> Array.append [| op.Out; op.In |] op.Kernel
                | Op.Deconv op -> Array.append [| op.In; op.Out |] op.Kernel
                | op -> failtest $"{op}"

            for name, expected in
                [
                    "encoder.stages.0.0.convs.0.conv", [| 32; 1; 1; 3; 3 |]
                    "encoder.stages.1.0.convs.0.conv", [| 64; 32; 3; 3; 3 |]
                    "encoder.stages.2.0.convs.1.conv", [| 128; 128; 3; 3; 3 |]
                    "decoder.transpconvs.0", [| 128; 64; 2; 2; 2 |]
                    "decoder.stages.0.convs.0.conv", [| 64; 128; 3; 3; 3 |]
                    "decoder.transpconvs.1", [| 64; 32; 1; 2; 2 |]
                    "decoder.stages.1.convs.0.conv", [| 32; 64; 1; 3; 3 |]
                    "decoder.seg_layers.1", [| 7; 32; 1; 1; 1 |]
                    "decoder.seg_layers.0", [| 7; 64; 1; 1; 1 |]
                ] do
                Expect.equal (shape name) expected name
        }

        test "ResidualEncoderUNet has PyTorch's parameters and names" {
            let graph, pairs = named residual 5

            Expect.equal (Networks.Cost(graph, [| 16; 16; 16 |]).Parameters) 2_577_386L "parameters"

            for pair in
                [
                    "encoder.stem.convs.0.conv", "level 1/encode/conv 1"
                    "encoder.stages.0.blocks.0.conv2.norm", "level 1/encode/sum 1/side 2/norm 2"
                    "encoder.stages.1.blocks.0.skip.1.conv", "level 1/down/sum 1/side 1/conv 1"
                    "encoder.stages.1.blocks.0.conv1.conv", "level 1/down/sum 1/side 2/conv 1"
                ] do
                Expect.contains pairs pair "module and stage"
        }

        test "a stage that strides at the same width has no projection" {
            let names =
                Networks.OfNnunet({ residual with Features = [| 32; 32; 64 |] }).Modules
                |> Array.filter _.Contains("skip")

            Expect.equal
                names
                [|
                    "encoder.stages.2.blocks.0.skip.1.conv"
                    "encoder.stages.2.blocks.0.skip.1.norm"
                |]
                "projections"
        }

        test "a 2D plan gives a 2D network" {
            let plan = {
                plain with
                    Kernels = Array.create 3 [| 3; 3 |]
                    Strides = [| [| 1; 1 |]; [| 2; 2 |]; [| 2; 2 |] |]
            }

            Expect.equal (fst (named plan 3)).Axes 2 "axes"
        }
    ]
