/// Networks that try the language out: published ones that are not in the zoo, and small ones for single questions.
module KneeSeg.Dsl.Tests.Gallery

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Variants

let unit kernel width =
    chain [ conv kernel width; batch; relu ]

let rung width = {
    Encode = unit 3 width
    Scale = Through(maxPool 2, deconv 2 width)
    Skip = concat
    Decode = unit 3 width
}

/// Two levels, in the given number of axes.
let small make name =
    make name [ ladder [ rung 8; rung 16 ] (unit 3 32); classify ]

/// Zhou et al. 2018, as the widely used port has it.
let unetPlusPlus =
    let twice w = times 2 (unit 3 w)

    let level w = {
        Encode = twice w
        Scale = Through(maxPool 2, Layer(Interpolate(Every 2, true)))
        Skip = concat
        Decode = twice w
    }

    nested (planar "unet-plus-plus" [ ladder (List.map level [ 32; 64; 128; 256 ]) (twice 512); classify ])

/// Alom et al. 2018: recurrence, with the weights counted once.
let r2UNet =
    let recurrent w =
        chain [
            convTo w 1
            residual (times 2 (recur 2 (chain [ convTo keep 3; batch; relu ])))
        ]

    let level w = {
        Encode = recurrent (Wide w)
        Scale = Through(maxPool 2, chain [ upsample 2; unit 3 w ])
        Skip = concat
        Decode = recurrent (Wide w)
    }

    planar "r2-unet" [
        ladder (List.map level [ 64; 128; 256; 512 ]) (recurrent (Wide 1024))
        classify
    ]

/// Badrinarayanan et al. 2017: unpooling.
let segNet =
    let level (n, w, back) = {
        Encode = times n (unit 3 w)
        Scale = Unpool(Every 2)
        Skip = NoSkip
        Decode = chain [ times (n - 1) (unit 3 w); back ]
    }

    let levels = [
        2, 64, asIs
        2, 128, unit 3 64
        3, 256, unit 3 128
        3, 512, unit 3 256
        3, 512, unit 3 512
    ]

    planar "segnet" [ ladder (List.map level levels) asIs; convTo Classes 3 ]

/// Jégou et al. 2017: dense blocks, and transposed convolutions with a window of 3.
let tiramisu =
    let layers n =
        List.replicate n (chain [ batch; relu; conv 3 16; drop 0.2 ])

    let depths = [ 4; 5; 7; 10; 12 ]

    let level n = {
        Encode = denseBlock (layers n)
        Scale = Through(chain [ batch; relu; convTo keep 1; drop 0.2; maxPool 2 ], same (deconvTo keep 3))
        Skip = concatAfter
        Decode = if n = 4 then denseBlock (layers n) else denseNew (layers n)
    }

    planar "tiramisu" [ conv 3 48; ladder (List.map level depths) (denseNew (layers 15)); classify ]

/// An earlier project's smallest network: one norm for both convolutions of a block, even windows.
let tinyUNet3d =
    let half w =
        chain [ same (conv 3 w); tied "norm" batch; relu; drop 0.25 ]

    let level w = {
        Encode = times 2 (half w)
        Scale = Through(maxPool 2, chain [ upsample 2; same (conv 2 w); batch; relu ])
        Skip = concat
        Decode = times 2 (half w)
    }

    volume "tiny-unet3d" [ ladder [ level 1 ] (times 2 (half 2)); convTo Classes 3; relu; classify ]

/// Chen et al. 2018's pooled branch: the whole map as a vector, beside others.
let pooled =
    planar "pooled" [ unit 3 8; fork [ unit 1 8; chain [ whole; unit 1 4 ] ]; classify ]
