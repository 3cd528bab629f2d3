/// The U-Net for volumes.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.UNet3d

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Çiçek et al. 2016.
let unet3d =
    let unit width = chain [ conv 3 width; batchNorm; relu ]
    let doubled width = chain [ unit width; unit (2 * width) ]

    let level width = {
        Encode = doubled width
        Down = maxPool 2
        Skip = concat
        Up = deconvTo sameChannels 2
        Decode = repeat 2 (unit (2 * width))
    }

    network3d "unet3d" [ encoderDecoder (List.map level [ 32; 64; 128 ]) (doubled 256); classify ]

let internal entries = [
    {
        Network = unet3d
        Summary = "the U-Net for volumes"
        Paper =
            "Çiçek, Abdulkadir, Lienkamp, Brox, Ronneberger 2016, 3D U-Net: Learning Dense Volumetric Segmentation from Sparse Annotation"
        Departures =
            "Padded convolutions; batch norms learn gamma and beta; transposed convolutions have biases."
    }
]
