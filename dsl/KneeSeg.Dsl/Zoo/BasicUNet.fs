/// BasicUNet: MONAI's plain U-Net.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.BasicUNet

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// The network of Falk et al. 2019 as MONAI has it.
let monaiBasicUNet =
    let twice width =
        repeat 2 (chain [ conv 3 width; instanceNorm; leakyRelu 0.1 ])

    let level width = {
        Encode = twice width
        Down = maxPool 2
        Skip = concat
        Up = deconv 2 width
        Decode = twice width
    }

    network3d "monai-basic-unet" [ encoderDecoder (List.map level [ 32; 32; 64; 128 ]) (twice 256); classify ]

let internal entries = [
    {
        Network = monaiBasicUNet
        Summary = "MONAI's plain U-Net: instance norm and leaky ReLU, small widths"
        Paper =
            "Falk et al. 2019, U-Net: Deep Learning for Cell Counting, Detection, and Morphometry; Cardoso et al. 2022, MONAI: An open-source framework for deep learning in healthcare"
        Departures = "None: MONAI's `BasicUNet` with its defaults, for volumes."
    }
]
