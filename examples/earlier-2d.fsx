// The 2D networks of the knee project of 2020 that KneeSeg succeeds, where they differ from the published ones,
// which the zoo has.
// See them with   kneeseg variants examples/earlier-2d.fsx --with small

/// With TensorFlow's padding and constants.
let earlier name blocks =
    planar name [ chain blocks |> same |> epsilon 1e-3 |> momentum 0.05 ]

let unit kernel width =
    chain [ conv kernel width; batch; relu ]

// The U-Net and its descendants: the map that came up is concatenated before the one that crossed over.
let encoderDecoder name rise =
    let twice width = times 2 (unit 3 width)

    let level width = {
        Encode = twice width
        // The stage has no blocks: it names the encoder's map, for the gate.
        Scale = Through(chain [ stage "encoded" []; maxPool 2 ], chain [ upsample 2; rise width ])
        Skip = concatAfter
        Decode = twice width
    }

    earlier name [ ladder (List.map level [ 64; 128; 256; 512 ]) (twice 1024); classify ]

// A window of 2 refines what came up.
let unet = encoderDecoder "earlier-unet" (unit 2)

// The gate's mask has a value for every channel. What it lets pass of the encoder's map takes the place of the map
// that came up, and the encoder's whole map crosses over as well.
let gate width =
    let ask = fork [ unit 1 width; chain [ recall "encoded"; unit 1 width ] ]
    let mask = chain [ ask; unit 1 width; sigmoid ]
    chain [ unit 2 width; Fork(Multiply, [ mask; recall "encoded" ]) ]

let attentionUNet = encoderDecoder "earlier-attention-unet" gate

// As wide as the U-Net, and nothing but repetition brings maps back up.
let unetPlusPlus = encoderDecoder "earlier-unet-plus-plus" (fun _ -> asIs) |> nested

// No pooling indices: maps come up by repetition and go through windows of 2. Five widths, each of one stage.
let segNet =
    let level (count, width) = {
        Encode = times count (unit 3 width)
        Scale = Through(maxPool 2, upsample 2)
        Skip = NoSkip
        Decode = times count (unit 2 width)
    }

    let levels = [ 2, 64; 2, 128; 3, 256; 3, 512; 3, 1024 ]
    earlier "earlier-segnet" [ ladder (List.map level levels) asIs; classify ]

/// Norm first.
let prepared block = chain [ batch; relu; block ]

// A decoder's dense block hears only what came up; what crossed over is concatenated behind its answer and goes
// straight to the next level. On the way down, and at the bottom, a block's input comes last in its answer.
let tiramisu =
    let block count =
        denseNew (List.replicate count (prepared (conv 3 16)))

    let encode count = fork [ block count; asIs ]

    let level count = {
        Encode = encode count
        Scale =
            Through(
                chain [ prepared (convTo keep 1); maxPool 2 ],
                chain [ deconv 3 (16 * count); block count ]
            )
        Skip = concatAfter
        Decode = asIs
    }

    let levels = List.map level [ 4; 5; 7; 10; 12 ]
    earlier "earlier-tiramisu" [ conv 3 48; ladder levels (encode 15); classify ]

let half = strided 2

// Squeeze, look, stretch: around it the map as it is or, where `step` halves it, a convolution.
let bottleneck shortcut step width =
    let squeeze, look = conv 1 (width / 4), conv 3 (width / 4)
    beside shortcut (chain [ prepared (step squeeze); prepared look; prepared (conv 1 width) ])

// Three residual units in place of a ResNet, then a row of spread windows, the pyramid and a way past it; one
// convolution at each of three steps up.
let deepLab =
    let halved width =
        bottleneck (prepared (half (conv 1 width))) half width

    let rise width =
        chain [ upsample 2; conv 3 width; relu ]

    let level = {
        Encode = halved 512
        Scale = Through(halved 1024, rise 512)
        Skip = concat |> via (conv 1 96)
        Decode = chain [ rise 256; rise 128 ]
    }

    let spread rate =
        chain [ batch; dilated rate (conv 3 256) ]

    let look kernel rate =
        chain [ dilated rate (conv kernel 256); batch ]

    let image = chain [ whole; conv 1 256 ]
    let pyramid = fork [ image; look 1 1; look 3 4; look 3 6; look 3 12 ]
    let through = chain [ pyramid; conv 1 256; conv 1 512; batch ]
    let bottom = chain [ spread 2; spread 4; spread 8; fork [ conv 1 128; through ] ]
    let start = chain [ half (conv 3 256); bottleneck asIs id 256 ]
    earlier "earlier-deeplab-v3-plus" [ start; ladder [ level ] bottom; classify ]

[
    unet
    attentionUNet
    recurrent unet |> called "earlier-r2-unet"
    recurrent attentionUNet |> called "earlier-r2-attention-unet"
    unetPlusPlus
    segNet
    tiramisu
    deepLab
]
