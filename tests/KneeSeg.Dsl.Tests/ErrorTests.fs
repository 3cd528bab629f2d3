/// What people read when a network cannot work.
module KneeSeg.Dsl.Tests.ErrorTests

open System
open Expecto
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Tests.Gallery

let private errors network =
    match Errors.elaborated network with
    | Ok _ -> []
    | Error errors -> List.map string errors

let private nested depth =
    (relu, seq { 1..depth }) ||> Seq.fold (fun inner _ -> Branches(Add, [ inner ]))

[<Tests>]
let tests =
    testList "errors" [
        test "the messages are the committed text" {
            let messages =
                Errors.networks |> List.collect errors |> List.map (fun line -> line + "\n")

            Committed.same "errors.txt" (String.concat "" messages)
        }

        for network in Errors.networks do
            test $"{network.Name} is refused" { Expect.isNonEmpty (errors network) "errors" }

        test "what follows from an error is not reported" {
            let network =
                network2d "follows" [
                    unit 3 8
                    upsampleNearest 4
                    encoderDecoder [ rung 8 ] (unit 3 16)
                    classify
                ]

            Expect.equal (errors network).Length 1 "the first only"
        }

        test "a hundred thousand blocks in a row are refused" {
            let network = network2d "long" [ yield! List.replicate 100_000 relu; classify ]

            Expect.equal (errors network) [ "long: more than 10000 blocks. Repeat less." ] "the sentence"
        }

        test "a hundred thousand blocks inside one another are refused" {
            let network = network2d "deep" [ nested 100_000 ]

            Expect.equal
                (errors network)
                [
                    "deep: blocks are nested more than 256 deep. Put blocks one after another with `chain`."
                ]
                "the sentence"
        }

        test "blocks are counted as often as they run" {
            let network =
                network2d "again" [ conv 3 8; recurrent 30 (recurrent 30 (recurrent 30 relu)); classify ]

            Expect.equal (errors network) [ "again: more than 10000 blocks. Repeat less." ] "the sentence"
        }

        test "as many blocks inside one another as are allowed are elaborated" {
            let network = network2d "deep" [ conv 3 8; nested 250; classify ]
            Expect.isEmpty (errors network) "no overflow"
        }

        testPropertyWithConfig Laws.config "elaboration answers for any spec, and never throws"
        <| fun (Laws.Wild network) ->
            match elaborated network with
            | Ok graph -> graph.Nodes.Length > 0
            | Error errors -> not errors.IsEmpty

        testList "sizes" [
            for spec, size, sentence in
                [
                    "unet", [| 100; 288 |], "unet, height: 100 is not a multiple of 16. Use 96 or 112."
                    "unet3d", [| 64; 64; 78 |], "unet3d, width: 78 is not a multiple of 8. Use 72 or 80."
                    "unet3d", [| 4; 64; 64 |], "unet3d, depth: 4 is not a multiple of 8. Use 8."
                    "unet",
                    [| 64; 64; 64 |],
                    "unet: an input size of 64x64x64 for a 2D network. Give HxW, such as 288x288."
                    "unet3d", [| 64; 0; 64 |], "unet3d, height: an input size of 0. Use 8 to 65536."
                ] do
                test sentence {
                    let graph = Networks.Load(spec, 1, 7)
                    let error = Expect.throwsC (fun () -> Networks.CheckSize(graph, size)) _.Message
                    Expect.equal error sentence "the sentence"
                }

            test "a network whose convolutions are not padded needs a voxel of every feature map" {
                let graph =
                    elaborated (
                        network2d "valid" [
                            encoderDecoder
                                [
                                    {
                                        Encode = identity
                                        Down = maxPool 2
                                        Skip = NoSkip
                                        Up = chain [ upsampleNearest 2; zeroPad 4 4 ]
                                        Decode = classify
                                    }
                                ]
                                (padded 0 0 (conv 5 8))
                        ]
                    )
                    |> Result.defaultWith (failtestf "%A")

                let error =
                    Expect.throwsC (fun () -> Networks.CheckSize(graph, [| 8; 12 |])) _.Message

                Expect.equal
                    error
                    "valid, height: of 8 voxels, convolutions without padding leave none. Use 10 or more."
                    "the sentence"

                Networks.CheckSize(graph, [| 10; 12 |])

                Expect.throwsC (fun () -> Networks.CheckSize(graph, [| 9; 12 |])) (fun error ->
                    Expect.stringEnds error.Message "Use 10." "not the smaller multiple")
            }

            test "a slice network takes any number of slices" {
                let graph = Networks.Load("unet3d+slice", 1, 7)
                Networks.CheckSize(graph, [| 3; 160; 160 |])
                Networks.CheckSize(graph, [| 5; 160; 160 |])
            }
        ]
    ]
