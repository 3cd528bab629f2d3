/// The U-Net and its 2D descendants: each is a variant of one description.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.UNet

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Variants

let private unit width = chain [ conv 3 width; batch; relu ]

let private twice width = times 2 (unit width)

let private encoderDecoder name widths deepest up =
    let level width = {
        Encode = twice width
        Scale = Through(maxPool 2, up width)
        Skip = concat
        Decode = twice width
    }

    planar name [ ladder (List.map level widths) (twice deepest); classify ]

/// Ronneberger et al. 2015.
let unet =
    encoderDecoder "unet" [ 64; 128; 256; 512 ] 1024 (fun width -> chain [ upsample 2; unit width ])

/// Oktay et al. 2018.
let attentionUNet = gated unet |> called "attention-unet"

/// Alom et al. 2018.
let r2UNet = recurrent unet |> called "r2-unet"

/// The gates of Oktay et al. on the network of Alom et al.
let r2AttentionUNet = gated r2UNet |> called "r2-attention-unet"

/// Zhou et al. 2018.
let unetPlusPlus =
    encoderDecoder "unet-plus-plus" [ 32; 64; 128; 256 ] 512 (fun _ -> smoothCorners 2)
    |> nested

let internal entries = [
    {
        Network = unet
        Summary = "the encoder-decoder with skips"
        Paper =
            "Ronneberger, Fischer, Brox 2015, U-Net: Convolutional Networks for Biomedical Image Segmentation"
        Departures =
            "Maps keep their size, convolutions have batch norm, and repetition then a convolution brings maps back up: the form on which the later networks of this family build."
    }
    {
        Network = attentionUNet
        Summary = "the U-Net whose decoder decides which places of a skip pass"
        Paper = "Oktay et al. 2018, Attention U-Net: Learning Where to Look for the Pancreas"
        Departures =
            "The 2D form in wide use: a gate sees the decoder's map after it came up, on the skip's own grid."
    }
    {
        Network = r2UNet
        Summary = "the U-Net whose convolutions hear their own answers twice more"
        Paper =
            "Alom et al. 2018, Recurrent Residual Convolutional Neural Network based on U-Net (R2U-Net) for Medical Image Segmentation"
        Departures = "None in the blocks; maps come up as in `unet`. All passes share one batch norm."
    }
    {
        Network = r2AttentionUNet
        Summary = "recurrent blocks and attention gates"
        Paper =
            "Alom et al. 2018 (blocks) and Oktay et al. 2018 (gates); the combination has no paper of its own"
        Departures = "Those of `r2-unet` and `attention-unet`."
    }
    {
        Network = unetPlusPlus
        Summary = "skips in steps: each level answers every answer from below"
        Paper = "Zhou et al. 2018, UNet++: A Nested U-Net Architecture for Medical Image Segmentation"
        Departures =
            "The form in wide use: batch norm, linear interpolation for coming up, one head. `unet-plus-plus+deep` has the paper's four."
    }
]
