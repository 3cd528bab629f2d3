/// Parameters and multiply-accumulates against published and independently computed counts.
module KneeSeg.Dsl.Tests.CountTests

open Expecto
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec

/// Spec, channels, classes, size, parameters, multiply-accumulates.
let private zoo = [
    "unet", 3, 1, [| 288; 288 |], 34_527_041L, 82_705_121_280L
    "unet", 1, 7, [| 288; 288 |], 34_526_279L, 82_641_420_288L
    "attention-unet", 3, 1, [| 288; 288 |], 34_878_573L, 84_069_052_416L
    "attention-unet", 1, 7, [| 288; 288 |], 34_877_811L, 84_005_351_424L
    "unet+gated", 1, 7, [| 288; 288 |], 34_877_811L, 84_005_351_424L
    "unet3d", 3, 3, [| 64; 64; 64 |], 19_075_523L, 244_704_083_968L
    "unet3d", 1, 1, [| 64; 64; 64 |], 19_073_665L, 244_217_544_704L
    "unet3d", 1, 7, [| 64; 64; 64 |], 19_074_055L, 244_318_208_000L
    "unet3d+highwayless", 1, 1, [| 64; 64; 64 |], 16_751_233L, 193_483_243_520L
    "unet3d+relative", 1, 1, [| 64; 64; 64 |], 19_073_802L, 244_217_544_820L
    "unet3d+slice", 1, 1, [| 5; 160; 160 |], 17_697_409L, 215_207_936_000L
    "vnet", 1, 1, [| 64; 64; 64 |], 45_593_892L, 90_391_707_648L
    "vnet", 1, 2, [| 64; 64; 64 |], 45_597_898L, 91_441_070_080L
    "vnet", 1, 7, [| 64; 64; 64 |], 45_617_958L, 96_695_746_560L
    "vnet+relative", 1, 1, [| 64; 64; 64 |], 45_594_029L, 90_391_707_764L
]

let private gallery = [
    Gallery.unetPlusPlus, 3, 1, [| 288; 288 |], 9_163_329L, 43_645_796_352L
    Gallery.r2UNet, 3, 1, [| 288; 288 |], 39_091_393L, 192_992_772_096L
    Gallery.segNet, 3, 1, [| 288; 288 |], 29_443_585L, 50_642_288_640L
    Gallery.tiramisu, 3, 12, [| 288; 288 |], 9_322_348L, 33_202_420_992L
    Gallery.tinyUNet3d, 1, 1, [| 64; 64; 64 |], 362L, 52_232_192L
]

let private counts (graph: Graph) size parameters macs =
    let cost = Models.Cost(graph, size)
    Expect.equal cost.Parameters parameters "parameters"
    Expect.equal cost.Macs macs "multiply-accumulates"

[<Tests>]
let tests =
    testList "counts" [
        for spec, channels, classes, size, parameters, macs in zoo ->
            test $"{spec} from {channels} channels to {classes} classes has its published counts" {
                counts (Models.Load(spec, channels, classes)) size parameters macs
            }

        for network, channels, classes, size, parameters, macs in gallery ->
            test $"{network.Name}, written in the language, has its published counts" {
                let spec = Json.text network
                counts (Models.Load(spec, channels, classes)) size parameters macs
            }
    ]
