/// MONAI's residual U-Net, which downsamples at once and crops its transposed convolutions on one side.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.MonaiUNet

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Kerfoot et al. 2018.
let monaiUNet =
    let unit block = chain [ block; batchNorm; singlePrelu ]

    let residualUnits path first width =
        shortcut path (chain [ unit first; unit (conv 3 width) ])

    let down width =
        let half = strided 2 (conv 3 width)
        residualUnits half half width

    let up deconvolution body =
        chain [ unit (padded 1 0 deconvolution); residual body ]

    let level (down, up) = { Encode = identity; Down = down; Skip = concat; Up = up; Decode = identity }

    let between own below =
        level (down below, up (deconv 3 own) (unit (conv 3 own)))

    let levels = levelsOf between [ 16; 32; 64; 128 ] @ [ level (identity, identity) ]

    network3d "monai-unet" [
        down 16
        encoderDecoder levels (residualUnits (conv 1 256) (conv 3 256) 256)
        up (deconvTo Classes 3) (convTo Classes 3)
    ]

let internal entries = [
    {
        Network = monaiUNet
        Summary = "MONAI's UNet with residual units, as in its spleen tutorial"
        Paper =
            "Kerfoot, Clough, Oksuz, Lee, King, Schnabel 2018, Left-Ventricle Quantification Using Residual U-Net"
        Departures = "MONAI's class with channels 16 to 256, strides of 2, two residual units and batch norm."
    }
]
