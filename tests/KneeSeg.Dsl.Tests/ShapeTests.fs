/// What graphs say about maps: shapes, padding, order, vectors, shared weights.
module KneeSeg.Dsl.Tests.ShapeTests

open Expecto
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Tests.Gallery

let private graphOf network =
    match elaborated network with
    | Ok graph -> graph
    | Error problems -> failtest (string problems.Head)

let private at stage (graph: Graph) =
    graph.Nodes |> Array.find (fun node -> node.Stage = stage)

/// A feature map of the input's size divided by these strides.
let private shape channels strides = {
    Channels = channels
    Stride = Array.ofList strides
    Extra = [| for _ in strides -> 0 |]
}

let private parameters network =
    let graph = graphOf network
    Networks.Cost(graph, Networks.DefaultSize graph).Parameters

let private paddings block =
    let graph = graphOf (network2d "one" [ block; classify ])

    match graph.Nodes[1].Op with
    | Op.Conv conv
    | Op.Deconv conv -> conv.Before[0], conv.After[0]
    | op -> failtest $"a {Ops.name op}"

[<Tests>]
let tests =
    testList "graphs" [
        test "maps of the U-Net have the paper's widths" {
            let graph = Networks.Load("unet", 1, 2)

            let widths = [
                for stage in
                    [
                        "level 1/encode/act 2"
                        "level 4/encode/act 2"
                        "bottom/act 2"
                        "level 4/join"
                        "level 1/join"
                    ] -> (at stage graph).Shape.Channels, (at stage graph).Shape.Stride[0]
            ]

            Expect.equal widths [ 64, 1; 512, 8; 1024, 16; 1024, 8; 128, 1 ] "channels, times coarser"
            Expect.equal graph.Multiple [| 16; 16 |] "sizes"
        }

        test "skips are concatenated before the upsampled feature map, but in the V-Net" {
            let first spec =
                let graph = Networks.Load(spec, 1, 2)
                let join = at "level 1/join" graph
                graph.Nodes[join.Args[0]].Stage

            Expect.equal (first "unet3d") "level 1/encode/act 2" "the encoder's map"
            Expect.equal (first "vnet") "level 1/up/act 1" "the upsampled one"
        }

        test "the V-Net repeats its input to its first width" {
            let graph = Networks.Load("vnet", 2, 2)

            Expect.equal
                (at "level 1/encode/sum 1/side 1/copies 1" graph).Op
                (Op.TileChannels 8)
                "8 times 2 channels"
        }

        test "the V-Net refuses channels that do not divide its first width" {
            Expect.throwsC (fun () -> Networks.Load("vnet", 3, 2) |> ignore) (fun error ->
                Expect.stringContains error.Message "3 channels cannot be tiled to 16" "the sentence")
        }

        test "symmetric padding is that of PyTorch's public networks" {
            Expect.equal (paddings (conv 3 8)) (1, 1) "3"
            Expect.equal (paddings (conv 5 8)) (2, 2) "5"
            Expect.equal (paddings (dilated 6 (conv 3 8))) (6, 6) "3 spread out by 6"
            Expect.equal (paddings (chain [ strided 2 (conv 7 8); upsampleNearest 2 ])) (3, 3) "7 moving by 2"
            Expect.equal (paddings (chain [ strided 2 (conv 2 8); upsampleNearest 2 ])) (0, 0) "2 moving by 2"
        }

        test "same padding is TensorFlow's, the odd voxel after" {
            Expect.equal (paddings (samePadding (conv 2 8))) (0, 1) "2"
            Expect.equal (paddings (samePadding (conv 3 8))) (1, 1) "3"

            Expect.equal
                (paddings (chain [ samePadding (strided 2 (conv 3 8)); upsampleNearest 2 ]))
                (0, 1)
                "3 moving by 2"
        }

        test "strides in plane leave depth alone" {
            let level = { rung 8 with Down = inPlane (maxPool 2); Up = inPlane (deconv 2 8) }

            let graph =
                graphOf (network3d "thick" [ encoderDecoder [ level ] (unit 3 16); classify ])

            Expect.equal graph.Multiple [| 1; 2; 2 |] "any depth"
            Expect.equal (at "bottom/act 1" graph).Shape.Stride [| 1; 2; 2 |] "coarser in height and width"
        }

        test "a transposed kernel of 3 keeps the first voxels and drops the last" {
            let graph =
                graphOf (network2d "one" [ maxPool 2; samePadding (deconv 3 8); classify ])

            match (at "deconv 1" graph).Op with
            | Op.Deconv conv -> Expect.equal (conv.Before, conv.After) ([| 0; 0 |], [| 1; 1 |]) "cropped"
            | op -> failtest $"a {Ops.name op}"
        }

        test "a padding that MONAI and PyTorch name is what it crops" {
            let graph =
                graphOf (network2d "one" [ maxPool 2; padded 1 0 (deconv 3 8); classify ])

            match (at "deconv 1" graph).Op with
            | Op.Deconv conv ->
                Expect.equal (conv.Before, conv.After) ([| 1; 1 |], [| 0; 0 |]) "padding 1, output_padding 1"
            | op -> failtest $"a {Ops.name op}"
        }

        test "the U-Net without padding has the sizes of Ronneberger et al." {
            let graph = graphOf KneeSeg.Specs.Unpadded.ronneberger

            let sizes = [
                for node in graph.Nodes do
                    if node.Op.IsConv || node.Op.IsMaxPool || node.Op.IsDeconv then
                        (Networks.ShapeOf(node, [| 384; 384 |]))[0]
            ]

            Expect.equal
                sizes
                [
                    yield! [ 570; 568; 284; 282; 280; 140; 138; 136; 68; 66; 64; 32; 30; 28 ]
                    yield! [ 56; 54; 52; 104; 102; 100; 200; 198; 196; 392; 390; 388 ]
                    384
                ]
                "as in figure 1, and the classifier's"
        }

        test "depth keeps its size where only the plane is padded" {
            let graph =
                graphOf (
                    network3d "flat" [
                        inPlane (chain [ padded 1 1 (conv 3 4); zeroPad 1 0; crop 0 1 ])
                        classify
                    ]
                )

            for node in graph.Nodes do
                let depth = (Networks.ShapeOf(node, [| 7; 8; 8 |]))[0]
                Expect.equal depth 7 node.Stage
        }

        test "the position is added to the first upsampled feature map, before the join" {
            let graph = Networks.Load("unet3d+relative", 1, 1)
            let sum = at "level 3/up/sum 1" graph
            let numbers = graph.Nodes[sum.Args[0]]

            Expect.equal numbers.Shape (shape 1 [ 0; 0; 0 ]) "one number"

            Expect.equal graph.Nodes[sum.Args[1]].Stage "level 3/up/deconv 1" "the first upsampled one"
            Expect.contains (at "level 3/join" graph).Args sum.Id "joined after"
            Expect.equal (at "position" graph).Op (Op.Input "position") "an input"
        }

        test "a slice network ends with one slice, from as many as there are" {
            let graph = Networks.Load("vnet+slice", 1, 3)

            Expect.equal graph.Nodes[graph.Output].Shape (shape 3 [ 0; 1; 1 ]) "one slice"

            Expect.equal graph.Multiple [| 1; 16; 16 |] "any depth"

            Expect.isTrue
                (graph.Nodes |> Array.forall (fun node -> node.Shape.Stride[0] < 2))
                "never coarser in depth"
        }

        test "a vector is broadcast over feature maps" {
            let graph =
                graphOf (
                    network2d "pooled" [
                        unit 3 8
                        branches [ unit 1 8; chain [ globalAvgPool; unit 1 4 ] ]
                        classify
                    ]
                )

            Expect.equal (at "concat 1/side 2/conv 1" graph).Op (Op.Dense(8, 4, true)) "dense on a vector"
            Expect.equal (at "concat 1/spread 2" graph).Shape (shape 4 [ 1; 1 ]) "spread"
            Expect.equal (at "concat 1" graph).Shape.Channels 12 "joined"
        }

        test "DeepLab's dilations are the paper's" {
            let dilations place (graph: Graph) = [
                for node in graph.Nodes do
                    match node.Op with
                    | Op.Conv conv when conv.Kernel[0] = 3 && Array.truncate 2 node.Path = place ->
                        conv.Dilation[0]
                    | _ -> ()
            ]

            let graph = Networks.Load("deeplab-v3-plus-r50", 1, 7)

            let last =
                graph
                |> dilations [| Step.Level 1; Step.Down |]
                |> List.rev
                |> List.truncate 4
                |> List.rev

            Expect.equal
                last
                [ 1; 1; 2; 2 ]
                "the end of the backbone: one of the third stage, three of the last"

            Expect.equal
                (dilations [| Step.Bottleneck; Step.Stage "pyramid" |] graph)
                [ 6; 12; 18 ]
                "the pyramid"
        }

        test "two towers in a row share no weights" {
            let tower = encoderDecoder [ rung 8; rung 16 ] (unit 3 32)
            let one = parameters (network2d "one" [ conv 1 8; tower; classify ])
            let two = parameters (network2d "two" [ conv 1 8; tower; tower; classify ])
            let bare = parameters (network2d "none" [ conv 1 8; classify ])
            Expect.equal (two - one) (one - bare) "each tower counts"
        }

        test "unpool follows the max pool that ends its level's Down, whatever is before it" {
            let level = {
                rung 8 with
                    Down = chain [ conv 3 6; maxPool 2 ]
                    Skip = NoSkip
                    Up = chain [ conv 1 6; unpool; relu ]
            }

            let graph =
                graphOf (network2d "one" [ encoderDecoder [ level ] (unit 3 16); classify ])

            let unpooled = at "level 1/up/unpool 1" graph
            Expect.equal graph.Nodes[unpooled.Args[1]].Stage "level 1/down/pool 1" "the pool"
            Expect.equal unpooled.Shape (shape 6 [ 1; 1 ]) "the pool's input"
        }

        test "a width may be a multiple of what comes in" {
            let graph = graphOf (network2d "one" [ conv 3 8; convTo (Times 3) 1; classify ])
            Expect.equal (at "conv 2" graph).Shape.Channels 24 "three times 8"
        }

        test "dropping elements is another network than dropping channels" {
            let hash block =
                (graphOf (network2d "one" [ conv 3 8; block; classify ])).Hash

            Expect.notEqual (hash (dropout 0.5)) (hash (channelDropout 0.5)) "the hash"
        }

        test "stochastic depth is another network than dropout" {
            let hash block =
                (graphOf (network2d "one" [ conv 3 8; block; classify ])).Hash

            Expect.equal
                (List.map hash [ dropout 0.5; channelDropout 0.5; stochasticDepth 0.5 ]
                 |> List.distinct
                 |> List.length)
                3
                "hashes"
        }

        test "blocks of voxels become channels, along each axis as far as it says" {
            let slices =
                graphOf (
                    network3d "slices" [ spaceToChannels 2 |> withStride (5, 1, 1); avgOverDepth; classify ]
                )

            Expect.equal (at "blocks 1" slices).Shape (shape 5 [ 5; 1; 1 ]) "five slices of one channel"

            Expect.equal slices.Multiple [| 5; 1; 1 |] "five slices"

            let merged =
                graphOf (network3d "merged" [ conv 1 6; spaceToChannels 2; channelsToSpace 2; classify ])

            Expect.equal (at "blocks 1" merged).Shape (shape 48 [ 2; 2; 2 ]) "eight voxels of six channels"

            Expect.equal (at "blocks 2" merged).Shape (shape 6 [ 1; 1; 1 ]) "and back"
        }

        test "a kernel of three may move by one voxel in depth and two in plane" {
            let graph =
                graphOf (
                    network3d "moves" [
                        conv 3 8 |> withStride (1, 2, 2)
                        deconv 2 8 |> withKernel (1, 2, 2) |> withStride (1, 2, 2)
                        classify
                    ]
                )

            match (at "conv 1" graph).Op with
            | Op.Conv conv ->
                Expect.equal
                    (conv.Kernel, conv.Stride, conv.Before)
                    ([| 3; 3; 3 |], [| 1; 2; 2 |], [| 1; 1; 1 |])
                    "the kernel"
            | op -> failtest $"a {Ops.name op}"

            Expect.equal (at "deconv 1" graph).Shape.Stride [| 1; 1; 1 |] "back"
        }

        test "levels have their own width and the next" {
            let level own below = {
                Encode = conv 3 own
                Down = strided 2 (conv 3 below)
                Skip = concat
                Up = deconv 2 own
                Decode = conv 3 own
            }

            let graph =
                graphOf (
                    network2d "two" [ encoderDecoder (levelsOf level [ 8; 16; 32 ]) (conv 3 32); classify ]
                )

            Expect.equal (at "level 1/down/conv 1" graph).Shape.Channels 16 "to the second"
            Expect.equal (at "level 2/down/conv 1" graph).Shape.Channels 32 "to the bottleneck's"

            Expect.throwsC (fun () -> levelsOf level [ 8 ] |> ignore) (fun error ->
                Expect.stringContains error.Message "`levelsOf level [ 16; 32; 64 ]`" "the fix")
        }

        test "shared weights are counted once, wherever they stand" {
            let encoder = shared "encoder" (chain [ conv 3 4; tied "norm" batchNorm ])

            let two =
                network2d "two" [
                    branches [
                        chain [ channelGroup 0 2; encoder ]
                        stage "second" [ channelGroup 1 2; residual identity; encoder ]
                    ]
                    conv 1 8
                    classify
                ]

            let graph = Elaborate.elaborate 2 2 two |> Result.defaultWith (failtestf "%A")

            let owners = [
                for node in graph.Nodes do
                    if node.Weights <> "" then
                        node.Weights
            ]

            Expect.equal
                (List.countBy id owners)
                [
                    "concat 1/side 1/encoder 1/conv 1", 2
                    "concat 1/side 1/encoder 1/norm 1/norm 1", 2
                    "conv 1", 1
                    "conv 2", 1
                ]
                "whose weights"
        }

        test "tied weights are counted once, and only in their own part" {
            let half = chain [ conv 1 4; tied "norm" batchNorm ]

            let graph =
                graphOf (network2d "ties" [ stage "one" [ half; half ]; stage "two" [ half ]; classify ])

            let weights = [
                for node in graph.Nodes do
                    if Ops.name node.Op = "batch norm" then
                        node.Weights
            ]

            Expect.equal
                weights
                [ "one/norm 1/norm 1"; "one/norm 1/norm 1"; "two/norm 1/norm 1" ]
                "whose weights"
        }

        test "a recurrence has one set of weights and many places" {
            let graph =
                graphOf (network2d "again" [ conv 1 4; recurrent 2 (convTo sameChannels 3); classify ])

            let again =
                graph.Nodes
                |> Array.filter (fun node ->
                    node.Path[0] = Step.Recurrent 1 && node.Path[1].IsPass && node.Weights <> "")

            Expect.equal
                (again |> Array.map _.Weights |> Array.distinct)
                [| "recur 1/pass 1/conv 1" |]
                "shared"

            Expect.equal (again |> Array.map _.Stage |> Array.distinct |> Array.length) 3 "three passes"
        }

        testPropertyWithConfig
            Laws.config
            "places are unique, arguments come before, and weights have an owner"
        <| fun (Laws.Known network) ->
            let graph = graphOf network
            let stages = graph.Nodes |> Array.map _.Stage |> set
            let paths = graph.Nodes |> Array.map _.Path |> set

            stages.Count = graph.Nodes.Length
            && paths.Count = graph.Nodes.Length
            && graph.Nodes
               |> Array.forall (fun node -> node.Args |> Array.forall (fun arg -> arg < node.Id))
            && graph.Nodes
               |> Array.forall (fun node -> node.Weights = "" || stages.Contains node.Weights)
            && graph.Nodes
               |> Array.forall (fun node -> (node.Weights <> "") = Ops.hasWeights node.Op)

        testPropertyWithConfig Laws.config "every part of every network has a place in the pictures"
        <| fun (Laws.Known network) ->
            let graph = graphOf network
            let parts = Parts.parts graph |> Array.sumBy _.Nodes.Length
            parts + (graph.Nodes |> Array.filter _.Op.IsInput |> Array.length) = graph.Nodes.Length

        testPropertyWithConfig
            Laws.config
            "what is put together from legal parts elaborates, and is read back"
        <| fun (Laws.Legal network) ->
            match elaborated network with
            | Error problems -> failtest (string problems.Head)
            | Ok graph ->
                Expect.equal (Json.read (Json.text network)) (Ok network) "read back"

                Expect.equal
                    (Parts.parts graph |> Array.sumBy _.Nodes.Length)
                    (graph.Nodes |> Array.filter (fun node -> not node.Op.IsInput) |> Array.length)
                    "every node in a part"
    ]
