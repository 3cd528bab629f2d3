/// The networks of nnU-Net: plain, and with residual encoders.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.NnUNet

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

let private normed block = chain [ block; instanceNorm ]

let private unit width =
    chain [ normed (conv 3 width); leakyRelu 0.01 ]

/// The decoder of both: levels around encoders and what follows them.
let private level width encode down decode = {
    Encode = encode
    Down = down
    Skip = concatDecoderFirst
    Up = deconv 2 width
    Decode = decode
}

/// Isensee et al. 2021, as planned for patches of 128 x 128 x 128.
let nnUNet =
    let plain width below =
        level width (unit width) (strided 2 (unit below)) (repeat 2 (unit width))

    network3d "nnunet" [
        unit 32
        encoderDecoder (levelsOf plain [ 32; 64; 128; 256; 320; 320 ]) (unit 320)
        |> deepSupervision classify
        classify
    ]

/// Isensee et al. 2024: the presets M and L, which differ in patch and batch.
let resEncUNet =
    /// The second norm is before the sum (He et al. 2016); a shortcut that halves averages first (He et al. 2019).
    let block path stride width =
        let convolutions = chain [ strided stride (unit width); normed (conv 3 width) ]
        chain [ shortcut path convolutions; leakyRelu 0.01 ]

    let halving width below =
        let projection = normed (withoutBias (convTo Matching 1))

        if width = below then
            avgPool 2
        else
            chain [ avgPool 2; projection ]

    let residual (width, count) (below, _) =
        level width (repeat count (block identity 1 width)) (block (halving width below) 2 below) (unit width)

    // Widths, and blocks beside the one that halves.
    let stages = [ 32, 1; 64, 2; 128, 3; 256, 5; 320, 5; 320, 5 ]

    network3d "resenc-unet" [
        unit 32
        encoderDecoder (levelsOf residual stages) (repeat 5 (block identity 1 320))
        |> deepSupervision classify
        classify
    ]

let internal entries = [
    {
        Network = nnUNet
        Summary = "the plain network of nnU-Net: strided convolutions, instance norm, deep supervision"
        Paper =
            "Isensee, Jaeger, Kohl, Petersen, Maier-Hein 2021, nnU-Net: a self-configuring method for deep learning-based biomedical image segmentation"
        Departures =
            "The network is what nnU-Net plans for isotropic patches of 128 x 128 x 128; its coarsest output is trained too."
    }
    {
        Network = resEncUNet
        Summary = "nnU-Net with residual encoders: the presets M and L"
        Paper =
            "Isensee, Wald, Ulrich et al. 2024, nnU-Net Revisited: A Call for Rigorous Validation in 3D Medical Image Segmentation"
        Departures =
            "None for isotropic patches; the coarsest output is trained too. M and L differ in patch and batch."
    }
]
