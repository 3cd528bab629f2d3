/// Memory and receptive fields against sums done by hand.
module KneeSeg.Dsl.Tests.CostTests

open Expecto
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Tests.Gallery

let private graphOf blocks =
    match Elaborate.elaborate 1 2 (network2d "one" blocks) with
    | Ok graph -> graph
    | Error problems -> failtest (string problems.Head)

let private cost size blocks = Networks.Cost(graphOf blocks, size)

let private peak size blocks =
    Networks.PeakMemory(graphOf blocks, size, 1, 4, backend)

/// Small blocks come from a heap, where some quarters of what is alive are lost between them.
let private withHoles quarters bytes = bytes + quarters * bytes / 4L

/// Side of the square that a voxel sees: the sum over layers of (window - 1) times how coarse the map is.
let private sees blocks =
    (cost [| 64; 64 |] blocks).ReceptiveField[0]

[<Tests>]
let tests =
    testList "cost" [
        test "predicting keeps a map until its last use" {
            // 100 voxels. Input 1, conv 4, its relu 4, the answer 2: at most conv and relu, 8 maps of 400 bytes.
            let weights = 4L * (4L * 9L + 4L + 4L * 2L + 2L)

            Expect.equal
                (peak [| 10; 10 |] [ conv 3 4; relu; classify ]).Predict
                (withHoles 3L (weights + 8L * 400L))
                "bytes"
        }

        test "predicting keeps a skip until it is joined" {
            // The sum's two sides, 4 maps each, and its result.
            let weights = 4L * (40L + (4L * 4L * 9L + 4L) + 10L)

            Expect.equal
                (peak [| 10; 10 |] [ conv 3 4; residual (conv 3 4); classify ]).Predict
                (withHoles 3L (weights + 12L * 400L))
                "bytes"
        }

        test "training keeps what gradients need, and the loss what it makes of the answer" {
            // The most is alive when the relu's gradient makes the convolution's: the input and the relu's map, kept
            // for gradients, the answer, four maps of the loss as large as the answer, and both gradients.
            let numbers = 4L * 9L + 4L + 4L * 2L + 2L
            let maps = 1L + 4L + 2L + 4L * 2L + 4L + 4L

            Expect.equal
                (peak [| 10; 10 |] [ conv 3 4; relu; classify ]).Train
                (withHoles 1L (16L * numbers + 400L * maps))
                "bytes"
        }

        test "bfloat16 halves maps, but not weights, answers and losses" {
            let blocks = [ conv 3 4; relu; conv 3 4; relu; classify ]

            let peak width =
                Networks.PeakMemory(graphOf blocks, [| 100; 100 |], 1, width, backend)

            let full, half = peak 4, peak 2
            let ratio = float half.Train / float full.Train
            Expect.isTrue (ratio > 0.5 && ratio < 0.9) $"training {ratio}"
            Expect.isLessThan half.Predict full.Predict "predicting"
        }

        test "large blocks leave no holes, and small ones stay" {
            // 2 channels of 1024 x 1024 are 8 MiB and so mappings, of which two are alive at once; the image's one is not,
            // nor are the weights and the kernel, which is there twice while it is used.
            let mapped = 8L * 1048576L
            let weights = 4L * (2L * 9L + 2L + (2L * 2L + 2L) + 2L * 9L)

            Expect.equal
                (peak [| 1024; 1024 |] [ conv 3 2; relu; classify ]).Predict
                (withHoles 3L (weights + mapped / 2L) + 2L * mapped)
                "bytes"
        }

        test "a batch has as many maps, but the weights once" {
            let graph = Networks.Load("unet3d+tiny", 1, 7)
            let size = [| 32; 32; 32 |]
            let weights = 4L * Networks.Cost(graph, size).Parameters

            let maps batch =
                Networks.PeakMemory(graph, size, batch, 4, backend).Predict - weights

            let ratio = float (maps 4) / float (maps 1)
            Expect.isTrue (ratio > 2.5 && ratio <= 4.0) $"maps of four images, {ratio} times"
        }

        test "windows widen what a voxel sees by their reach" {
            Expect.equal (sees [ conv 3 4; conv 5 4; classify ]) 7 "3 and 5"
            Expect.equal (sees [ dilated 4 (conv 3 4); classify ]) 9 "3 spread out by 4"

            Expect.equal
                (sees [ conv 3 4; maxPool 2; conv 3 4; deconv 2 4; classify ])
                8
                "3, then 2, then 3 on a map twice as coarse"
        }

        test "the classic U-Net sees 140 voxels and its steps, as published" {
            // Two windows of 3 at each of five levels on the way down and four on the way up, four pools of 2.
            let down = List.sum [ for k in [ 1; 2; 4; 8; 16 ] -> 2 * 2 * k ]
            let up = List.sum [ for k in [ 1; 2; 4; 8 ] -> 2 * 2 * k ]
            let pools = List.sum [ 1; 2; 4; 8 ]
            let twice w = repeat 2 (conv 3 w)

            let level w = {
                Encode = twice w
                Down = maxPool 2
                Skip = concat
                Up = deconv 2 w
                Decode = twice w
            }

            let classic = [ encoderDecoder (List.map level [ 4; 8; 16; 32 ]) (twice 64); classify ]
            Expect.equal (sees classic) (1 + down + up + pools) "by hand"
        }

        test "a mean over the whole map sees all of it" {
            Expect.equal
                (sees [ conv 3 4; gatedBy (chain [ globalAvgPool; dense 4; sigmoid ]); classify ])
                64
                "the input"
        }

        test "attention sees the whole map, or as far as windows reach" {
            let sees = (fun attention -> sees [ conv 3 4; attention; classify ])
            Expect.equal (sees (selfAttention 2)) 64 "the input"
            Expect.equal (sees (windowAttention 2 5)) (3 + 4) "a convolution of 3 and a window of 5"

            Expect.equal
                (sees (chain [ windowAttention 2 5; shiftedWindowAttention 2 5 ]))
                (3 + 4 + 4)
                "two windows"
        }

        test "attention multiplies all pairs of voxels, or those of windows and their padding" {
            let macs size attention =
                (cost size [ conv 1 8; attention; classify ]).Macs
                - (cost size [ conv 1 8; classify ]).Macs

            let projections = 8L * 24L + 8L * 8L
            Expect.equal (macs [| 5; 6 |] (selfAttention 2)) (30L * projections + 2L * 30L * 30L * 8L) "all"

            Expect.equal
                (macs [| 5; 6 |] (windowAttention 2 4))
                (30L * projections + 2L * (8L * 8L) * (4L * 4L) * 8L)
                "four windows of 4 x 4"

            Expect.equal
                (macs [| 3; 6 |] (shiftedWindowAttention 2 4))
                (18L * projections + 2L * (3L * 8L) * (3L * 4L) * 8L)
                "two windows of 3 x 4"
        }

        test "attention learns projections, and in windows a bias per head and relative position" {
            let parameters attention =
                (cost [| 8; 8 |] [ conv 1 8; attention; classify ]).Parameters
                - (cost [| 8; 8 |] [ conv 1 8; classify ]).Parameters

            let projections = (8L * 24L + 24L) + (8L * 8L + 8L)
            Expect.equal (parameters (selfAttention 2)) projections "all"
            Expect.equal (parameters (windowAttention 2 4)) (projections + 2L * 7L * 7L) "windows of 4"
            Expect.equal (parameters (positionEmbedding 4)) (8L * 4L * 4L) "a map"
        }

        test "a tile sees what its windows reach, on either side" {
            let margin blocks = Networks.TileMargin(graphOf blocks)

            let sides blocks =
                let margin = margin blocks
                margin.Before[0], margin.After[0], margin.GlobalStage

            Expect.equal (sides [ conv 3 4; conv 5 4; classify ]) (3, 3, "") "1 and 2"
            Expect.equal (sides [ samePadding (conv 4 4); classify ]) (1, 2, "") "even kernels pad after"

            Expect.equal
                (sides [ conv 3 4; maxPool 2; conv 3 4; deconv 2 4; classify ])
                (4, 4, "")
                "3 of 2 voxels on a coarser map, and 1: the next multiple of 2"

            Expect.stringContains
                (margin [ conv 3 4; gatedBy (chain [ globalAvgPool; dense 4; sigmoid ]); classify ]).Reason
                "pools the whole feature map"
                "no tile is wide enough"
        }

        test "tiles of every network of the zoo see all that a voxel sees, but what looks at the whole" {
            for info in Networks.All do
                let graph = Networks.Load(info.Name, 1, 7)
                let margin = Networks.TileMargin graph
                let field = Networks.Cost(graph, Networks.DefaultSize graph).ReceptiveField

                if margin.GlobalStage = "" then
                    for axis in 0 .. graph.Axes - 1 do
                        if graph.Nodes[graph.Output].Shape.Stride[axis] <> 0 then
                            let step = graph.Multiple[axis]
                            let before, after = margin.Before[axis], margin.After[axis]
                            Expect.equal (before % step, after % step) (0, 0) $"{info.Name}: multiples"
                            // The field counts the widest window at every step, which no one voxel sees.
                            Expect.isGreaterThanOrEqual (before + after + 2 * step) field[axis] info.Name
        }

        test "a position sees nothing of the image" {
            Expect.equal (sees [ conv 3 4; addScalar position; classify ]) 3 "the convolution alone"
        }

        test "widths at the limit are counted without overflow" {
            let wide = repeat 20 (convTo (Exactly 65_536) 127)
            let huge = cost [| 65_536; 65_536 |] [ wide; classify ]
            Expect.equal huge.Macs System.Int64.MaxValue "as much as can be said"
        }

        test "shared weights are counted once and run as often as they are used" {
            let once = cost [| 10; 10 |] [ conv 1 4; convTo sameChannels 3; classify ]

            let thrice =
                cost [| 10; 10 |] [ conv 1 4; recurrent 2 (convTo sameChannels 3); classify ]

            Expect.equal thrice.Parameters once.Parameters "counted once"
            Expect.equal (thrice.Macs - once.Macs) (2L * 4L * 4L * 9L * 100L) "run three times"
        }
    ]
