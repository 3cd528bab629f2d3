/// What people read when a network cannot work.
module KneeSeg.Dsl.Tests.MistakeTests

open System
open Expecto
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Tests.Gallery

let private tower edit bottom = [ ladder [ rung 64; edit (rung 128) ] bottom; classify ]

let private table = [
    planar "forgot" [ ladder [ rung 64 ] (unit 3 128) ],
    [
        "forgot: ends with 64 channels for 7 classes. End the network with `classify`."
    ]

    planar
        "sum"
        (tower
            (fun level -> {
                level with
                    Skip = add
                    Scale = Through(maxPool 2, deconv 2 96)
            })
            (unit 3 256)),
    [
        "sum/level 2/join: cannot add maps of 128 and 96 channels. Give one side a conv 1 128, or concatenate them."
    ]

    planar "unpool" (tower (fun level -> { level with Scale = Unpool(Every 2) }) (unit 3 256)),
    [
        "unpool/level 2/up: 128 channels were pooled here but 256 come back. End what is below with 128 channels."
    ]

    planar
        "uneven"
        (tower
            (fun level -> {
                level with
                    Scale = Through(maxPool 2, smooth 4)
            })
            (unit 3 256)),
    [
        "uneven/level 2/join: joins maps 2x2 and 1x1 times coarser than the input. Make every side go down and come up equally."
    ]

    planar "even" (tower id (unit 2 256)),
    [
        "even/bottom/conv 1: a window of 2 moving by 1 cannot be centred. Use an odd window, one that moves by 2, or `same` padding."
    ]

    planar "deconv" [ maxPool 2; deconv 3 8; classify ],
    [
        "deconv/deconv 1: a window of 3 that comes up 2 times cannot be centred. Use a window of 4, or `same` padding."
    ]

    planar "gaps" [ maxPool 2; deconv 1 8; classify ],
    [
        "gaps/deconv 1: a window of 1 that comes up 2 times leaves gaps. Use a window of at least 2."
    ]

    planar "sparse" [ strided 3 (conv 2 8); upsample 3; classify ],
    [
        "sparse/conv 1: a window of 2 moving by 3 leaves voxels out. Use a window of at least 3."
    ]

    planar "flat" [ ladder [ rung 64 ] (unit 3 128); collapse; classify ],
    [
        "flat/collapse 1: a 2D network has no depth to collapse. Use the network's 3D form."
    ]

    planar "coarse" [ unit 3 64; maxPool 2; classify ],
    [
        "coarse: ends 2x2 times coarser than its input. Come up as far as the network went down, for example with `smooth`."
    ]

    planar "high" [ unit 3 8; upsample 2; classify ],
    [
        "high/up 1: comes up 2x2 times from a map 1x1 times coarser than the input. Come up only as far as the network went down."
    ]

    planar "widens" [ ladder [ rung 64 ] (residual (unit 3 128)); classify ],
    [
        "widens/bottom/sum 1: cannot add maps of 64 and 128 channels. Give one side a conv 1 128, or concatenate them."
    ]

    planar "alone" [ convTo Like 3; classify ],
    [
        "alone/conv 1: `Like` with nothing to be like. Use it in one side of a sum or product, or give a width."
    ]

    planar "groups" [ conv 3 30; group 8; classify ],
    [
        "groups/norm 1: 30 channels do not fall into 8 groups. Use a number of groups that divides the width."
    ]

    planar "part" [ conv 3 30; convTo (Part 0) 1; classify ],
    [ "part/conv 2: 1/0 of 30 channels. Use a part of 1 or more." ]

    planar "copies" [ conv 3 6; beside copies (conv 3 16); classify ],
    [
        "copies/sum 1/side 1/copies 1: 6 channels cannot be repeated to 16. Use a width that is a multiple of 6."
    ]

    planar "twins" [ stage "stem" [ unit 3 8 ]; stage "stem" [ unit 3 8 ]; classify ],
    [
        "twins/stem: two parts of the network go by this name. Name their stages apart."
    ]

    planar "slash" [ stage "a/b" [ unit 3 8 ]; classify ],
    [
        "slash: 'a/b' is no name for a part. Use letters, digits, spaces and hyphens, at most 60, a letter first."
    ]

    planar "taken" [ stage "level 3" [ unit 3 8 ]; classify ],
    [ "taken: 'level 3' is a name that parts get by themselves. Use another." ]

    planar "tied" [ conv 3 8; tied "norm" batch; conv 3 16; tied "norm" batch; classify ],
    [
        "tied/norm 2/norm 1: can't have the weights of norm 1/norm 1, whose channels or windows differ. Tie only layers that are the same on maps of the same width."
    ]

    planar "vector" [ unit 3 8; whole; classify ],
    [
        "vector: ends with a single voxel. Join vectors to a map, for example with `masked`."
    ]

    planar "rate" [ unit 3 8; drop 1.5; classify ],
    [ "rate/drop 1: drops at a rate of 1.5. Use a rate from 0 to below 1." ]

    planar "nothing" [ Fork(Add, []); unit 3 8; classify ],
    [ "nothing/sum 1: has no sides to join. Give it at least one block." ]

    planar "deep" [
        unit 3 8
        Layer(
            Pool {
                Summary = Largest
                Size = Axes(1, 2, 2)
                Stride = Axes(1, 2, 2)
                Padding = Centred
            }
        )
        upsample 2
        classify
    ],
    [
        "deep/pool 1: gives a size along depth in a 2D network. Use Every or InPlane."
    ]

    planar "zero" [ conv 3 0; classify ], [ "zero/conv 1: a width of 0. Widths start at 1." ]

    planar "wide" [ conv 3 Int32.MaxValue; classify ],
    [ "wide/conv 1: a map of 2147483647 channels. Stay within 65536." ]

    planar "window" [ conv 1001 8; classify ], [ "window/conv 1: a size of 1001. Sizes are from 1 to 128." ]

    {
        small planar "classless" with
            Classes = 0
    },
    [ "classless: a class count of 0. Use 1 to 65536." ]
]

let private problems network =
    match Elaborate.elaborate network with
    | Ok _ -> []
    | Error problems -> List.map string problems

let private nested depth =
    (relu, seq { 1..depth }) ||> Seq.fold (fun inner _ -> Fork(Add, [ inner ]))

[<Tests>]
let tests =
    testList "mistakes" [
        for network, sentences in table do
            test network.Name { Expect.equal (problems network) sentences "what is said" }

        test "mistakes that can be told apart are all listed" {
            let network =
                planar "several" [ conv 2 8; group 3; ladder [ rung 8 ] (unit 4 16); unit 3 8 ]

            Expect.equal
                (problems network)
                [
                    "several/conv 1: a window of 2 moving by 1 cannot be centred. Use an odd window, one that moves by 2, or `same` padding."
                    "several/norm 1: 8 channels do not fall into 3 groups. Use a number of groups that divides the width."
                    "several/bottom/conv 1: a window of 4 moving by 1 cannot be centred. Use an odd window, one that moves by 4, or `same` padding."
                    "several: ends with 8 channels for 7 classes. End the network with `classify`."
                ]
                "four at once"
        }

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
