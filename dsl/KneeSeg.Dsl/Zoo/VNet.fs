/// The V-Net: residual stages of 5x5x5 convolutions.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.VNet

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Milletari et al. 2016.
let vnet =
    let activated block = chain [ block; batchNorm; elu ]

    let convolutions count =
        repeat count (activated (withoutBias (convTo sameChannels 5)))

    let residualStage blocks = chain [ residual (chain blocks); elu ]
    let dropped = channelDropout 0.5

    let level (width, encode, fromBelow, count) = {
        Encode = encode
        Down = activated (withoutBias (strided 2 (conv 2 (2 * width))))
        Skip = concatDecoderFirst |> via dropped
        Up = chain [ fromBelow; activated (deconv 2 width) ]
        Decode = residualStage [ convolutions count ]
    }

    let first =
        chain [ shortcut tileChannels (chain [ withoutBias (conv 5 16); batchNorm ]); elu ]

    let levels = [
        16, first, identity, 1
        32, residualStage [ convolutions 1 ], identity, 1
        64, residualStage [ convolutions 2 ], dropped, 2
        128, residualStage [ dropped; convolutions 3 ], dropped, 2
    ]

    network3d "vnet" [
        encoderDecoder (List.map level levels) (residualStage [ dropped; convolutions 2 ])
        activated (withoutBias (convTo Classes 5))
        classify
    ]

let internal entries = [
    {
        Network = vnet
        Summary = "residual stages of 5x5x5 convolutions, downsampling by strided convolutions"
        Paper =
            "Milletari, Navab, Ahmadi 2016, V-Net: Fully Convolutional Neural Networks for Volumetric Medical Image Segmentation"
        Departures =
            "MONAI's form: batch norm and ELU for PReLU, fewer convolutions in the deep stages, no biases before a norm, dropout below the second level and on every skip."
    }
]
