/// MultiResUNet: several windows in one block, and skips with convolutions of their own.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.MultiResUNet

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Ibtehaz and Rahman 2020.
let multiResUNet =
    let normed width kernel =
        chain [ unbiased (convTo width kernel); unscaled batch ]

    let shortcut = normed Like 1
    let unit width = chain [ normed (Wide width) 3; relu ]

    let multiRes width =
        let part share = unit (int (1.67 * float width * share))
        let looks = chain [ cascade [ part 0.167; part 0.333; part 0.5 ]; batch ]
        chain [ beside shortcut looks; relu; batch ]

    let path width =
        chain [ beside shortcut (unit width); relu; batch ]

    let level (width, steps) = {
        Encode = multiRes width
        Scale = Through(maxPool 2, deconv 2 width)
        Skip = concatAfter |> via (times steps (path width))
        Decode = multiRes width
    }

    let levels = List.map level [ 32, 4; 64, 3; 128, 2; 256, 1 ]

    planar "multires-unet" [
        chain [ ladder levels (multiRes 512); unbiased classify; unscaled batch ]
        |> epsilon 1e-3
        |> momentum 0.01
    ]

let internal entries = [
    {
        Network = multiResUNet
        Summary = "blocks that look through three windows at once, and skips with residual convolutions"
        Paper =
            "Ibtehaz, Rahman 2020, MultiResUNet: Rethinking the U-Net Architecture for Multimodal Biomedical Image Segmentation"
        Departures =
            "None in the counts; a batch norm behind the last convolution, as in the authors' own code."
    }
]
