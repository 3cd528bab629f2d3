/// The V-Net: residual stages with wide windows.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.VNet

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Milletari et al. 2016.
let vnet =
    let normed block = chain [ block; batch; elu ]

    let look count =
        times count (normed (unbiased (convTo keep 5)))

    let grow blocks = chain [ residual (chain blocks); elu ]
    let tired = drop 0.5

    let level (width, encode, fromBelow, count) = {
        Encode = encode
        Scale =
            Through(
                normed (unbiased (strided 2 (conv 2 (2 * width)))),
                chain [ fromBelow; normed (deconv 2 width) ]
            )
        Skip = concatAfter |> via tired
        Decode = grow [ look count ]
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

let internal entries = [
    {
        Network = vnet
        Summary = "residual stages with windows of 5, strided convolutions for going down"
        Paper =
            "Milletari, Navab, Ahmadi 2016, V-Net: Fully Convolutional Neural Networks for Volumetric Medical Image Segmentation"
        Departures =
            "MONAI's form: batch norm and ELU for PReLU, fewer convolutions in the deep stages, no biases before a norm, dropout below the second level and on every skip."
    }
]
