/// Named outputs: what they are called, what they are compared with, and what runs for them.
module KneeSeg.Dsl.Tests.OutputTests

open Expecto
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Tests.Gallery

let private graphOf network =
    match elaborated network with
    | Ok graph -> graph
    | Error problems -> failtest (string problems.Head)

let private edge = output "edge" (conv 1 1) |> against SignedDistance

let private knee =
    output "knee" (chain [ globalAvgPool; dense 1 ]) |> against Presence

/// Each output's name, target and stage.
let private outputs network =
    let graph = graphOf network

    [
        for output in graph.NamedOutputs -> output.Name, output.Target, graph.Nodes[output.Node].Stage
    ]

/// The stages that run in training only.
let private inTraining network = [
    for node in (graphOf network).Nodes do
        if node.InHead then
            node.Stage
]

[<Tests>]
let tests =
    testList "outputs" [
        test "outputs have their names and targets, and pass the map on" {
            let network =
                network2d "three" [ conv 3 8; edge; relu; output "early" classify; knee; classify ]

            Expect.equal
                (outputs network)
                [
                    "edge", SignedDistance, "edge/conv 1"
                    "early", Labels, "early/conv 1"
                    "knee", Presence, "knee/conv 1"
                ]
                "in the order in which they are made"

            Expect.equal
                (inTraining network)
                [ "edge/conv 1"; "early/conv 1"; "knee/collapse 1"; "knee/conv 1" ]
                "only the heads"

            let plain = graphOf (network2d "none" [ conv 3 8; relu; classify ])
            let graph = graphOf network
            Expect.equal graph.Nodes[graph.Output].Shape plain.Nodes[plain.Output].Shape "the same output"
        }

        test "the map on the path itself can be an output" {
            let network = network2d "own" [ conv 3 7; output "logits" identity; relu; classify ]
            Expect.equal (outputs network) [ "logits", Labels, "conv 1" ] "without a head"
            Expect.isEmpty (inTraining network) "it runs anyway"
        }

        test "what the network recalls from a head runs when predicting too" {
            let network =
                network2d "guided" [
                    conv 3 8
                    output "early" (stage "logits" [ conv 3 4; classify ])
                    branches [ identity; recall "logits" ]
                    classify
                ]

            Expect.isEmpty (inTraining network) "all is needed"
        }

        test "a block that runs several times numbers its outputs" {
            let edged = { rung 8 with Decode = chain [ unit 3 8; output "edge" classify ] }

            let nested =
                network2d "nested" [ encoderDecoder [ edged; rung 16 ] (unit 3 32); classify ]
                |> Variants.nested

            Expect.equal
                (outputs nested)
                [
                    "edge", Labels, "level 1/answer 1/decode/edge/conv 1"
                    "edge 2", Labels, "level 1/answer 2/decode/edge/conv 1"
                ]
                "each with its own head"

            let again =
                network2d "again" [
                    conv 3 8
                    recurrent 2 (chain [ convTo sameChannels 3; output "edge" classify ])
                    classify
                ]

            Expect.equal
                (outputs again |> List.map (fun (name, _, _) -> name))
                [ "edge"; "edge 2"; "edge 3" ]
                "each pass"
        }

        test "deep supervision makes outputs, the coarsest first" {
            let graph = Networks.Load("unet3d+deep-supervision", 1, 7)

            Expect.equal
                [
                    for output in graph.NamedOutputs ->
                        output.Name, output.Target, graph.Nodes[output.Node].Stage
                ]
                [
                    "deep 1", Labels, "level 3/head/conv 1"
                    "deep 2", Labels, "level 2/head/conv 1"
                ]
                "those of its levels but the last"
        }

        test "the bottleneck can have an output" {
            let network =
                network2d "bottom" [
                    encoderDecoder [ rung 8 ] (chain [ unit 3 16; output "low" classify ])
                    classify
                ]

            Expect.equal (outputs network) [ "low", Labels, "bottom/low/conv 1" ] "at its stride"
        }

        test "a name does not change what is computed, and a target does" {
            let hash block =
                (graphOf (network2d "net" [ conv 3 8; block; classify ])).Hash

            Expect.equal (hash (output "a" classify)) (hash (output "b" classify)) "named otherwise"

            Expect.notEqual
                (hash (output "a" classify))
                (hash (output "a" classify |> against SignedDistance))
                "trained otherwise"
        }

        test "a head is a part of its own" {
            let network =
                network2d "parts" [
                    encoderDecoder
                        [ { rung 8 with Decode = chain [ unit 3 8; edge; unit 3 8 ] } ]
                        (chain [ unit 3 16; knee ])
                    output "late" classify
                    classify
                ]

            let heads =
                Parts.parts (graphOf network) |> Array.filter _.IsHead |> Array.map _.Name

            Expect.equal heads [| "bottom knee"; "level 1 decode edge"; "late" |] "by where they are"
        }

        test "of a few slices every output is of the one in the middle" {
            let network =
                network3d "slices" [ conv 3 8; edge; knee; output "early" classify; classify ]

            let graph = graphOf (Variants.slice network)

            Expect.equal
                [ for output in graph.NamedOutputs -> graph.Nodes[output.Node].Shape.Stride ]
                [ [| 0; 1; 1 |]; [| 0; 0; 0 |]; [| 0; 1; 1 |] ]
                "but for vectors"
        }

        test "`against` on what is no output says so" {
            Expect.throwsC (fun () -> conv 3 8 |> against Presence |> ignore) (fun error ->
                Expect.stringContains error.Message "`against` needs an output" "the sentence")
        }
    ]
