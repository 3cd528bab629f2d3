/// Networks of nnU-Net's plans, against PyTorch's modules of the same plans.
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

let private graph classes plan =
    Networks.Elaborate(Networks.OfNnunet plan, 1, classes)

/// Each convolution with the shape of PyTorch's weight.
let private convolutions (graph: Graph) = [
    for node in graph.Nodes do
        match node.Op with
        | Op.Conv op -> node.Stage, [ op.Out; op.In; yield! op.Kernel ]
        | Op.Deconv op -> node.Stage, [ op.In; op.Out; yield! op.Kernel ]
        | _ -> ()
]

[<Tests>]
let tests =
    testList "plans of nnU-Net" [
        test "convolutions of PlainConvUNet have the shapes of PyTorch's" {
            Expect.equal
                (convolutions (graph 7 plain))
                [
                    "level 1/encode/conv 1", [ 32; 1; 1; 3; 3 ]
                    "level 1/encode/conv 2", [ 32; 32; 1; 3; 3 ]
                    "level 1/down/conv 1", [ 64; 32; 3; 3; 3 ]
                    "level 2/encode/conv 1", [ 64; 64; 3; 3; 3 ]
                    "level 2/down/conv 1", [ 128; 64; 3; 3; 3 ]
                    "bottom/conv 1", [ 128; 128; 3; 3; 3 ]
                    "level 2/up/deconv 1", [ 128; 64; 2; 2; 2 ]
                    "level 2/decode/conv 1", [ 64; 128; 3; 3; 3 ]
                    "level 2/decode/conv 2", [ 64; 64; 3; 3; 3 ]
                    "level 1/up/deconv 1", [ 64; 32; 1; 2; 2 ]
                    "level 1/decode/conv 1", [ 32; 64; 1; 3; 3 ]
                    "level 1/decode/conv 2", [ 32; 32; 1; 3; 3 ]
                    "level 2/head/conv 1", [ 7; 64; 1; 1; 1 ]
                    "conv 1", [ 7; 32; 1; 1; 1 ]
                ]
                "stage and shape"
        }

        test "ResidualEncoderUNet has PyTorch's parameters" {
            Expect.equal
                (Networks.Cost(graph 5 residual, [| 16; 16; 16 |]).Parameters)
                2_577_386L
                "parameters"
        }

        test "a shortcut is projected where the width changes, and averaged where the block strides" {
            let graph = graph 5 { residual with Features = [| 32; 32; 64 |] }

            let shortcuts = [
                for node in graph.Nodes do
                    if node.Stage.Contains "side 1" then
                        node.Stage.Replace("/sum 1/side 1", "")
            ]

            Expect.equal
                shortcuts
                [
                    "level 1/down/pool 1"
                    "level 2/down/pool 1"
                    "level 2/down/conv 1"
                    "level 2/down/norm 1"
                ]
                "shortcuts"
        }

        test "a 2D plan gives a 2D network" {
            let plan = {
                plain with
                    Kernels = Array.create 3 [| 3; 3 |]
                    Strides = [| [| 1; 1 |]; [| 2; 2 |]; [| 2; 2 |] |]
            }

            Expect.equal (graph 3 plan).Axes 2 "axes"
        }

        test "the plan of isotropic patches is the zoo's network" {
            let plan = {
                plain with
                    Features = [| 32; 64; 128; 256; 320; 320 |]
                    Kernels = Array.create 6 [| 3; 3; 3 |]
                    Strides = Array.init 6 (fun s -> Array.create 3 (if s = 0 then 1 else 2))
                    Encoder = Array.create 6 2
                    Decoder = Array.create 5 2
            }

            Expect.equal (graph 3 plan).Hash (Networks.Load("nnunet", 1, 3)).Hash "architecture"
        }
    ]
