/// SegResNet: residual blocks that begin with their norm, and a decoder of one block a level.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.SegResNet

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Myronenko 2018.
let segResNet =
    let activated = chain [ groupNormUpTo 8; relu ]
    let convolution width = withoutBias (conv 3 width)

    let block width =
        residual (repeat 2 (chain [ activated; convolution width ]))

    let level (width, count) = {
        Encode = repeat count (block width)
        Down = strided 2 (convolution (2 * width))
        Skip = add
        Up = chain [ withoutBias (conv 1 width); upsampleLinear 2 ]
        Decode = block width
    }

    let levels = List.map level [ 32, 1; 64, 2; 128, 2 ]

    network3d "segresnet" [
        convolution 32
        encoderDecoder levels (repeat 4 (block 256))
        activated
        classify
    ]

let internal entries = [
    {
        Network = segResNet
        Summary = "residual blocks that begin with a group norm, more of them in the encoder"
        Paper = "Myronenko 2018, 3D MRI Brain Tumor Segmentation Using Autoencoder Regularization"
        Departures = "MONAI's form: no autoencoder beside the decoder, and no dropout."
    }
]
