/// MedNeXt: a U-Net of ConvNeXt blocks, which downsample and upsample too.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.MedNeXt

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Roy et al. 2023. A kernel, and for each of nine stages in order the expansion ratio of its blocks and how many there are.
let private medNeXt name kernel stages =
    let wide ratio width convolution =
        chain [
            depthwise convolution
            instanceNorm
            convTo (Times ratio) 1
            gelu
            conv 1 width
        ]

    let blocks width (ratio, count) =
        repeat count (residual (wide ratio width (convTo sameChannels kernel)))

    let down width (ratio, _) =
        shortcut (strided 2 (conv 1 width)) (wide ratio width (strided 2 (convTo sameChannels kernel)))

    // Of n voxels 2n - 1, and a zero in front.
    let up width (ratio, _) =
        let full = padded (kernel / 2) (kernel / 2) (deconvTo sameChannels kernel)
        chain [ shortcut (padded 0 0 (deconv 1 width)) (wide ratio width full); zeroPad 1 0 ]

    let level depth width = {
        Encode = blocks width (List.item depth stages)
        Down = down (2 * width) (List.item (depth + 1) stages)
        Skip = add
        Up = up width (List.item (8 - depth) stages)
        Decode = blocks width (List.item (8 - depth) stages)
    }

    network3d name [
        conv 1 32
        encoderDecoder (List.mapi level [ 32; 64; 128; 256 ]) (blocks 512 stages[4])
        classify
    ]

let private small = List.replicate 9 (2, 2)

let private large =
    List.zip [ 3; 4; 8; 8; 8; 8; 8; 4; 3 ] [ 3; 4; 8; 8; 8; 8; 8; 4; 3 ]

/// MedNeXt-S with kernels of 3.
let medNeXtS = medNeXt "mednext-s" 3 small

/// MedNeXt-S with kernels of 5.
let medNeXtSKernel5 = medNeXt "mednext-s-k5" 5 small

/// MedNeXt-L with kernels of 3.
let medNeXtL = medNeXt "mednext-l" 3 large

/// MedNeXt-L with kernels of 5.
let medNeXtLKernel5 = medNeXt "mednext-l-k5" 5 large

let internal entries =
    let entry network summary = {
        Network = network
        Summary = summary
        Paper =
            "Roy, Koehler, Ulrich, Baumgartner, Petersen, Isensee, Jäger, Maier-Hein 2023, MedNeXt: Transformer-driven Scaling of ConvNets for Medical Image Segmentation"
        Departures =
            "The authors' first version, without deep supervision. Its norm has as many groups as channels, and so is an instance norm."
    }

    [
        entry medNeXtS "ConvNeXt blocks in a U-Net, kernel 3: the small one"
        entry medNeXtSKernel5 "the small MedNeXt with kernel 5"
        entry medNeXtL "the large MedNeXt: 62 blocks"
        entry medNeXtLKernel5 "the large MedNeXt with kernel 5"
    ]
