/// DeepLabv3+: a residual backbone, looks of several widths at its end, one short way up.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.DeepLab

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

let private unit kernel width =
    chain [ unbiased (conv kernel width); batch; relu ]

/// He et al. 2016: squeeze, look, stretch, with a residual that is projected where `project` says so.
let private bottleneck shortcut width step rate =
    let look = unit 3 width |> strided step |> dilated rate
    let stretch = chain [ unbiased (conv 1 (4 * width)); batch ]
    chain [ beside shortcut (chain [ unit 1 width; look; stretch ]); relu ]

let private backbone count width step rate =
    let projected = chain [ unbiased (convTo Like 1) |> strided step; batch ]

    chain [
        bottleneck projected width step 1
        times (count - 1) (bottleneck asIs width 1 rate)
    ]

/// Chen et al. 2018, on a residual network whose last stage spreads its windows instead of stepping.
let private deepLab name thirdStage =
    let around rate = unit 3 256 |> dilated rate
    let image = stage "image" [ whole; unit 1 256 ]
    let pyramid = fork [ unit 1 256; around 6; around 12; around 18; image ]

    let level = {
        Encode = backbone 3 64 1 1
        Scale =
            Through(chain [ backbone 4 128 2 1; backbone thirdStage 256 2 1; backbone 3 512 1 2 ], smooth 4)
        Skip = concat |> via (unit 1 48)
        Decode = chain [ unit 3 256; drop 0.5; unit 3 256; drop 0.1 ]
    }

    planar name [
        stage "stem" [ unit 7 64 |> strided 2; strided 2 (maxPool 3) ]
        ladder [ level ] (stage "pyramid" [ pyramid; unit 1 256; drop 0.5 ])
        classify
        smooth 4
    ]

/// On a ResNet-101.
let deepLabV3Plus = deepLab "deeplab-v3-plus" 23

/// On a ResNet-50.
let deepLabV3PlusR50 = deepLab "deeplab-v3-plus-r50" 6

let private entry network depth = {
    Network = network
    Summary = $"a ResNet-{depth}, a pyramid of dilated windows, and one short way up"
    Paper =
        "Chen, Zhu, Papandreou, Schroff, Adam 2018, Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation"
    Departures =
        $"A ResNet-{depth} (He et al. 2016) at an output stride of 16 in place of the Xception backbone, and plain convolutions in place of separable ones."
}

let internal entries = [ entry deepLabV3Plus 101; entry deepLabV3PlusR50 50 ]
