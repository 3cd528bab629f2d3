/// The U-Net and its 2D descendants: each is a variant of one description.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.UNet

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Variants

let private unit width = chain [ conv 3 width; batchNorm; relu ]

let private twice width = repeat 2 (unit width)

let private ofWidths name widths bottleneck up =
    let level width = {
        Encode = twice width
        Down = maxPool 2
        Skip = concat
        Up = up width
        Decode = twice width
    }

    network2d name [ encoderDecoder (List.map level widths) (twice bottleneck); classify ]

/// Ronneberger et al. 2015.
let unet =
    ofWidths "unet" [ 64; 128; 256; 512 ] 1024 (fun width -> chain [ upsampleNearest 2; unit width ])

/// Oktay et al. 2018.
let attentionUNet = gated unet |> named "attention-unet"

/// Alom et al. 2018.
let r2UNet = recurrentResidual unet |> named "r2-unet"

/// The gates of Oktay et al. on the network of Alom et al.
let r2AttentionUNet = gated r2UNet |> named "r2-attention-unet"

/// Zhou et al. 2018.
let unetPlusPlus =
    ofWidths "" [ 32; 64; 128; 256 ] 512 (fun _ -> upsampleLinearAligned 2)
    |> nested
    |> named "unet-plus-plus"

let internal entries = [
    {
        Network = unet
        Summary = "the encoder-decoder with skip connections"
        Paper =
            "Ronneberger, Fischer, Brox 2015, U-Net: Convolutional Networks for Biomedical Image Segmentation"
        Departures =
            "Padded convolutions with batch norm; upsampling is nearest-neighbor, then a convolution: the form on which the later networks of this family build."
    }
    {
        Network = attentionUNet
        Summary = "the U-Net with attention gates on its skip connections"
        Paper = "Oktay et al. 2018, Attention U-Net: Learning Where to Look for the Pancreas"
        Departures =
            "The 2D form in wide use: the gating signal is the upsampled feature map, at the skip's resolution."
    }
    {
        Network = r2UNet
        Summary = "the U-Net with recurrent residual convolutions"
        Paper =
            "Alom et al. 2018, Recurrent Residual Convolutional Neural Network based on U-Net (R2U-Net) for Medical Image Segmentation"
        Departures =
            "None in the blocks; upsampling as in `unet`. The repetitions of a block share its batch norm."
    }
    {
        Network = r2AttentionUNet
        Summary = "the U-Net with recurrent residual convolutions and attention gates"
        Paper =
            "Alom et al. 2018 (blocks) and Oktay et al. 2018 (gates); the combination has no paper of its own"
        Departures = "Those of `r2-unet` and `attention-unet`."
    }
    {
        Network = unetPlusPlus
        Summary = "the U-Net with nested skip connections"
        Paper = "Zhou et al. 2018, UNet++: A Nested U-Net Architecture for Medical Image Segmentation"
        Departures =
            "The form in wide use: batch norm, bilinear upsampling, one head. `unet-plus-plus+deep-supervision` has the paper's four."
    }
]
