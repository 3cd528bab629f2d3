/// The HighRes3DNet: residual blocks of dilated convolutions, which never downsample.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.HighRes3DNet

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Li et al. 2017.
let highRes3DNet =
    let unit rate width =
        chain [ batchNorm; relu; dilated rate (conv 3 width) ]

    let block rate width =
        shortcut padChannels (repeat 2 (unit rate width))

    let normed block = chain [ block; batchNorm; relu ]

    network3d "highres3dnet" [
        chain [
            normed (conv 3 16)
            repeat 3 (block 1 16)
            repeat 3 (block 2 32)
            repeat 3 (block 4 64)
            normed (conv 1 80)
            normed classify
        ]
        |> withoutBias
    ]

let internal entries = [
    {
        Network = highRes3DNet
        Summary = "residual blocks of dilated convolutions at full resolution, no downsampling"
        Paper =
            "Li, Wang, Fidon, Ourselin, Cardoso, Vercauteren 2017, On the Compactness, Efficiency, and Representation of 3D Convolutional Networks: Brain Parcellation as a Pretext Task"
        Departures =
            "MONAI's form: no biases, and a norm and ReLU behind the last convolution too, so that no logit is negative."
    }
]
