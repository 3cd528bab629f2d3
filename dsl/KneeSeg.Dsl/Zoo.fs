/// The published networks, each written as its paper draws it.
module KneeSeg.Dsl.Zoo

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Variants

let private unit kernel width =
    chain [ conv kernel width; batch; relu ]

let private twice width = times 2 (unit 3 width)

/// Ronneberger et al. 2015, with batch norm, maps that keep their size, and repetition then a
/// convolution for coming up.
let unet =
    let level w = {
        Encode = twice w
        Scale = Through(maxPool 2, chain [ upsample 2; unit 3 w ])
        Skip = concat
        Decode = twice w
    }

    planar "unet" [ ladder (List.map level [ 64; 128; 256; 512 ]) (twice 1024); classify ]

/// Oktay et al. 2018, in the 2D form in wide use: the gate looks at the map after it came up.
let attentionUNet = gated unet |> called "attention-unet"

/// Çiçek et al. 2016, with maps that keep their size.
let unet3d =
    let widen w = chain [ unit 3 w; unit 3 (2 * w) ]

    let level w = {
        Encode = widen w
        Scale = Through(maxPool 2, deconvTo keep 2)
        Skip = concat
        Decode = twice (2 * w)
    }

    volume "unet3d" [ ladder (List.map level [ 32; 64; 128 ]) (widen 256); classify ]

/// Milletari et al. 2016, as MONAI has it: batch norm and ELU, no biases before a norm but after
/// transposed convolutions, dropout below the second level and on every skip.
let vnet =
    let normed block = chain [ block; batch; elu ]

    let look n =
        times n (normed (unbiased (convTo keep 5)))

    let grow blocks = chain [ residual (chain blocks); elu ]
    let tired = drop 0.5

    let level (w, encode, fromBelow, back) = {
        Encode = encode
        Scale =
            Through(normed (unbiased (strided 2 (conv 2 (2 * w)))), chain [ fromBelow; normed (deconv 2 w) ])
        Skip = concatAfter |> via tired
        Decode = grow [ look back ]
    }

    let first = chain [ beside copies (chain [ unbiased (conv 5 16); batch ]); elu ]

    let levels = [
        16, first, asIs, 1
        32, grow [ look 1 ], asIs, 1
        64, grow [ look 2 ], tired, 2
        128, grow [ tired; look 3 ], tired, 2
    ]

    volume "vnet" [
        ladder (List.map level levels) (grow [ tired; look 2 ])
        normed (unbiased (convTo Classes 5))
        classify
    ]

/// A network, and what to know about it.
type Entry = {
    Network: Network
    Summary: string
    Paper: string
}

let private entry network summary paper = {
    Network = network
    Summary = summary
    Paper = paper
}

/// Every network.
let all = [
    entry
        unet
        "the encoder-decoder with skips, batch norm, and repetition then a convolution for coming up"
        "Ronneberger, Fischer, Brox 2015, U-Net: Convolutional Networks for Biomedical Image Segmentation"
    entry
        attentionUNet
        "the U-Net whose decoder decides which places of a skip pass"
        "Oktay et al. 2018, Attention U-Net: Learning Where to Look for the Pancreas"
    entry
        unet3d
        "the U-Net for volumes, of three levels"
        "Çiçek et al. 2016, 3D U-Net: Learning Dense Volumetric Segmentation from Sparse Annotation"
    entry
        vnet
        "residual stages with windows of 5, strided convolutions for going down"
        "Milletari, Navab, Ahmadi 2016, V-Net: Fully Convolutional Neural Networks for Volumetric Medical Image Segmentation"
]
