/// DeepLabv3+: a ResNet, atrous spatial pyramid pooling, and a small decoder.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.DeepLab

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

let private unit size filters =
    chain [ withoutBias (conv size filters); batchNorm; relu ]

/// Chen et al. 2018, on a ResNet whose last stage is dilated instead of strided.
let private deepLab name thirdStage =
    let atrous rate = unit 3 256 |> dilated rate
    let imagePooling = stage "image" [ globalAvgPool; unit 1 256 ]
    let pyramid = branches [ unit 1 256; atrous 6; atrous 12; atrous 18; imagePooling ]

    let level = {
        Encode = ResNet.bottlenecks 3 64 1 1
        Down =
            chain [
                ResNet.bottlenecks 4 128 2 1
                ResNet.bottlenecks thirdStage 256 2 1
                ResNet.bottlenecks 3 512 1 2
            ]
        Skip = concat |> via (unit 1 48)
        Up = upsampleLinear 4
        Decode = chain [ unit 3 256; channelDropout 0.5; unit 3 256; channelDropout 0.1 ]
    }

    network2d name [
        ResNet.stem
        encoderDecoder [ level ] (stage "pyramid" [ pyramid; unit 1 256; channelDropout 0.5 ])
        classify
        upsampleLinear 4
    ]

/// On a ResNet-101.
let deepLabV3Plus = deepLab "deeplab-v3-plus" 23

/// On a ResNet-50.
let deepLabV3PlusR50 = deepLab "deeplab-v3-plus-r50" 6

let private entry network depth = {
    Network = network
    Summary = $"a ResNet-{depth} with atrous spatial pyramid pooling and a small decoder"
    Paper =
        "Chen, Zhu, Papandreou, Schroff, Adam 2018, Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation"
    Departures =
        $"A ResNet-{depth} (He et al. 2016) at an output stride of 16 in place of the Xception backbone, and plain convolutions in place of separable ones."
}

let internal entries = [ entry deepLabV3Plus 101; entry deepLabV3PlusR50 50 ]
