/// The U-Net for volumes.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.UNet3d

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Çiçek et al. 2016.
let unet3d =
    let unit width = chain [ conv 3 width; batch; relu ]
    let widen width = chain [ unit width; unit (2 * width) ]

    let level width = {
        Encode = widen width
        Scale = Through(maxPool 2, deconvTo keep 2)
        Skip = concat
        Decode = times 2 (unit (2 * width))
    }

    volume "unet3d" [ ladder (List.map level [ 32; 64; 128 ]) (widen 256); classify ]

let internal entries = [
    {
        Network = unet3d
        Summary = "the U-Net for volumes, of three levels"
        Paper =
            "Çiçek, Abdulkadir, Lienkamp, Brox, Ronneberger 2016, 3D U-Net: Learning Dense Volumetric Segmentation from Sparse Annotation"
        Departures =
            "Maps keep their size; batch norms learn gamma and beta; transposed convolutions have biases."
    }
]
