/// What people read when a network cannot work.
module KneeSeg.Dsl.Tests.MistakeTests

open System
open Expecto
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Tests.Gallery

let private problems network =
    match Elaborate.elaborate network with
    | Ok _ -> []
    | Error problems -> List.map string problems

let private nested depth =
    (relu, seq { 1..depth }) ||> Seq.fold (fun inner _ -> Fork(Add, [ inner ]))

[<Tests>]
let tests =
    testList "mistakes" [
        test "what is said of each is the committed text" {
            let said =
                Mistakes.networks |> List.collect problems |> List.map (fun line -> line + "\n")

            Committed.same "mistakes.txt" (String.concat "" said)
        }

        for network in Mistakes.networks do
            test $"{network.Name} is refused" { Expect.isNonEmpty (problems network) "problems" }

        test "what follows from a mistake is not a mistake of its own" {
            let network =
                planar "follows" [ unit 3 8; upsample 4; ladder [ rung 8 ] (unit 3 16); classify ]

            Expect.equal (problems network).Length 1 "the first only"
        }

        test "a hundred thousand blocks in a row are refused" {
            let network = planar "long" [ yield! List.replicate 100_000 relu; classify ]

            Expect.equal
                (problems network)
                [ "long: has more than 10000 blocks. Repeat less." ]
                "the sentence"
        }

        test "a hundred thousand blocks inside one another are refused" {
            let network = planar "deep" [ nested 100_000 ]

            Expect.equal
                (problems network)
                [
                    "deep: has more than 256 blocks inside one another. Put blocks in a row with chain."
                ]
                "the sentence"
        }

        test "blocks are counted as often as they run" {
            let network =
                planar "again" [ conv 3 8; recur 30 (recur 30 (recur 30 relu)); classify ]

            Expect.equal
                (problems network)
                [ "again: has more than 10000 blocks. Repeat less." ]
                "the sentence"
        }

        test "as many blocks inside one another as are allowed are elaborated" {
            let network = planar "deep" [ conv 3 8; nested 250; classify ]
            Expect.isEmpty (problems network) "no overflow"
        }

        testPropertyWithConfig Laws.config "elaboration answers for any spec, and never throws"
        <| fun (Laws.Wild network) ->
            match Elaborate.elaborate network with
            | Ok graph -> graph.Nodes.Length > 0
            | Error problems -> not problems.IsEmpty

        testList "sizes" [
            for spec, size, sentence in
                [
                    "unet", [| 100; 288 |], "unet, height: 100 is not a multiple of 16. Use 96 or 112."
                    "unet3d", [| 64; 64; 78 |], "unet3d, width: 78 is not a multiple of 8. Use 72 or 80."
                    "unet3d", [| 4; 64; 64 |], "unet3d, depth: 4 is not a multiple of 8. Use 8."
                    "unet",
                    [| 64; 64; 64 |],
                    "unet: a size of 64x64x64 for a 2D network. Give HxW, such as 288x288."
                    "unet3d", [| 64; 0; 64 |], "unet3d, height: 0 voxels. Use 8 to 65536."
                ] do
                test sentence {
                    let graph = Models.Load(spec, 1, 7)
                    let error = Expect.throwsC (fun () -> Models.CheckSize(graph, size)) _.Message
                    Expect.equal error sentence "the sentence"
                }

            test "a slice network takes any number of slices" {
                let graph = Models.Load("unet3d+slice", 1, 7)
                Models.CheckSize(graph, [| 3; 160; 160 |])
                Models.CheckSize(graph, [| 5; 160; 160 |])
            }
        ]
    ]
