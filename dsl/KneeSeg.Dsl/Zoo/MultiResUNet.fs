/// MultiResUNet: blocks of three convolutions whose outputs are concatenated, and skips with residual convolutions.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.MultiResUNet

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Ibtehaz and Rahman 2020.
let multiResUNet =
    let normed width kernel =
        chain [ withoutBias (convTo width kernel); withoutGamma batchNorm ]

    let projection = normed Matching 1

    let unit width =
        chain [ normed (Channels width) 3; relu ]

    let multiResBlock width =
        let part share = unit (int (1.67 * float width * share))
        let convolutions = chain [ keepAll [ part 0.167; part 0.333; part 0.5 ]; batchNorm ]
        chain [ shortcut projection convolutions; relu; batchNorm ]

    let resPath count width =
        repeat count (chain [ shortcut projection (unit width); relu; batchNorm ])

    let level (width, count) = {
        Encode = multiResBlock width
        Down = maxPool 2
        Skip = concatDecoderFirst |> via (resPath count width)
        Up = deconv 2 width
        Decode = multiResBlock width
    }

    let levels = List.map level [ 32, 4; 64, 3; 128, 2; 256, 1 ]

    network2d "multires-unet" [
        chain [
            encoderDecoder levels (multiResBlock 512)
            withoutBias classify
            withoutGamma batchNorm
        ]
        |> epsilon 1e-3
        |> momentum 0.01
    ]

let internal entries = [
    {
        Network = multiResUNet
        Summary = "multi-resolution blocks, and skip connections with residual convolutions"
        Paper =
            "Ibtehaz, Rahman 2020, MultiResUNet: Rethinking the U-Net Architecture for Multimodal Biomedical Image Segmentation"
        Departures =
            "None in the counts; a batch norm behind the last convolution, as in the authors' own code."
    }
]
