// A departure from the U-Net, and its family: residual blocks with instance norm, strided convolutions for going
// down, windows that leave the thick slices alone at first, and attention on the skips of one member.

let unit width =
    chain [ conv 3 width; instance; leaky 0.01 ]

/// Adds what it finds to what came in; a convolution of window 1 fits the widths.
let block width =
    chain [
        beside (convTo Like 1) (chain [ unit width; conv 3 width; instance ])
        leaky 0.01
    ]

/// Slices are thicker than pixels: the first step down halves height and width only.
let inPlane =
    Blocks.rewriteConvs (fun conv -> {
        conv with
            Kernel = InPlane 2
            Stride = InPlane 2
    })

let down width = strided 2 (conv 2 width)

let level (width, step) = {
    Encode = block width
    Scale = Through(step (down (2 * width)), step (deconv 2 width))
    Skip = concat
    Decode = block width
}

let residual3d =
    volume "residual3d" [ ladder (List.map level [ 8, inPlane; 16, id; 32, id ]) (block 64); classify ]

// A script ends in a network or, as here, in a list of them.
[
    residual3d
    {
        gated residual3d with
            Name = "residual3d-gated"
    }
    {
        relative residual3d with
            Name = "residual3d-relative"
    }
]
