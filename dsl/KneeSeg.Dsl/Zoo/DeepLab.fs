/// DeepLabv3+: a ResNet, atrous spatial pyramid pooling, and a small decoder.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.DeepLab

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

let private unit size filters =
    chain [ withoutBias (conv size filters); batchNorm; relu ]

/// The bottleneck of a ResNet (He et al. 2016).
let private bottleneck path filters stride rate =
    let convolution = unit 3 filters |> strided stride |> dilated rate
    let expansion = chain [ withoutBias (conv 1 (4 * filters)); batchNorm ]
    chain [ shortcut path (chain [ unit 1 filters; convolution; expansion ]); relu ]

/// A stage of a ResNet; its first bottleneck projects the shortcut.
let private residualStage count filters stride rate =
    let projection =
        chain [ withoutBias (convTo Matching 1) |> strided stride; batchNorm ]

    chain [
        bottleneck projection filters stride 1
        repeat (count - 1) (bottleneck identity filters 1 rate)
    ]

/// Chen et al. 2018, on a ResNet whose last stage is dilated instead of strided.
let private deepLab name thirdStage =
    let atrous rate = unit 3 256 |> dilated rate
    let imagePooling = stage "image" [ globalAvgPool; unit 1 256 ]
    let pyramid = branches [ unit 1 256; atrous 6; atrous 12; atrous 18; imagePooling ]

    let level = {
        Encode = residualStage 3 64 1 1
        Down =
            chain [
                residualStage 4 128 2 1
                residualStage thirdStage 256 2 1
                residualStage 3 512 1 2
            ]
        Skip = concat |> via (unit 1 48)
        Up = upsampleLinear 4
        Decode = chain [ unit 3 256; channelDropout 0.5; unit 3 256; channelDropout 0.1 ]
    }

    network2d name [
        stage "stem" [ unit 7 64 |> strided 2; strided 2 (maxPool 3) ]
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
