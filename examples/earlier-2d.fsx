// The 2D networks of the knee project of 2020 that KneeSeg succeeds, where they differ from the published ones in the zoo.
// See them with   kneeseg variants examples/earlier-2d.fsx --with small

// TensorFlow's padding and constants.
let earlier name blocks =
    network2d name [ chain blocks |> samePadding |> epsilon 1e-3 |> momentum 0.05 ]

let unit size width =
    chain [ conv size width; batchNorm; relu ]

// The U-Net and its descendants: the upsampled feature map is concatenated before the skip.
let unetLike name refine =
    let twice width = repeat 2 (unit 3 width)

    let level width = {
        Encode = twice width
        // The stage has no blocks: it names the encoder's feature map, for the gate.
        Down = chain [ stage "encoded" []; maxPool 2 ]
        Skip = concatDecoderFirst
        Up = chain [ upsampleNearest 2; refine width ]
        Decode = twice width
    }

    earlier name [ encoderDecoder (List.map level [ 64; 128; 256; 512 ]) (twice 1024); classify ]

// A convolution with kernel 2 after upsampling.
let unet = unetLike "earlier-unet" (unit 2)

// The gate has a mask for every channel. The gated feature map replaces the upsampled one, and the skip stays whole.
let gate width =
    let queries = branches [ unit 1 width; chain [ recall "encoded"; unit 1 width ] ]
    let mask = chain [ queries; unit 1 width; sigmoid ]
    chain [ unit 2 width; Branches(Multiply, [ mask; recall "encoded" ]) ]

let attentionUNet = unetLike "earlier-attention-unet" gate

// As wide as the U-Net, with nothing after upsampling.
let unetPlusPlus =
    unetLike "earlier-unet-plus-plus" (fun _ -> identity)
    |> nested
    |> named "earlier-unet-plus-plus"

// Nearest-neighbor upsampling and kernels of 2 in place of pooling indices; five widths.
let segNet =
    let level (count, width) = {
        Encode = repeat count (unit 3 width)
        Down = maxPool 2
        Skip = NoSkip
        Up = upsampleNearest 2
        Decode = repeat count (unit 2 width)
    }

    let levels = [ 2, 64; 2, 128; 3, 256; 3, 512; 3, 1024 ]
    earlier "earlier-segnet" [ encoderDecoder (List.map level levels) identity; classify ]

// Norm and activation before a block.
let preactivated block = chain [ batchNorm; relu; block ]

// A decoder's dense block receives the upsampled feature map alone; the skip is concatenated behind its output and goes
// straight to the next level. In the encoder and the bottleneck, a block's input comes last in its output.
let tiramisu =
    let dense count =
        denseFeatures (List.replicate count (preactivated (conv 3 16)))

    let encode count = branches [ dense count; identity ]

    let level count = {
        Encode = encode count
        Down = chain [ preactivated (convTo sameChannels 1); maxPool 2 ]
        Skip = concatDecoderFirst
        Up = chain [ deconv 3 (16 * count); dense count ]
        Decode = identity
    }

    let levels = List.map level [ 4; 5; 7; 10; 12 ]
    earlier "earlier-tiramisu" [ conv 3 48; encoderDecoder levels (encode 15); classify ]

let halved = strided 2

// A pre-activation bottleneck whose shortcut is the identity or, where `step` is strided, a convolution.
let bottleneck path step width =
    let squeeze, convolution = conv 1 (width / 4), conv 3 (width / 4)

    let body =
        chain [
            preactivated (step squeeze)
            preactivated convolution
            preactivated (conv 1 width)
        ]

    shortcut path body

// Three residual units in place of a ResNet, then dilated convolutions, the pyramid with a shortcut around it, and one
// convolution after each of three upsamplings.
let deepLab =
    let stridedUnit width =
        bottleneck (preactivated (halved (conv 1 width))) halved width

    let upsampled width =
        chain [ upsampleNearest 2; conv 3 width; relu ]

    let level = {
        Encode = stridedUnit 512
        Down = stridedUnit 1024
        Skip = concat |> via (conv 1 96)
        Up = upsampled 512
        Decode = chain [ upsampled 256; upsampled 128 ]
    }

    let dilatedUnit rate =
        chain [ batchNorm; dilated rate (conv 3 256) ]

    let atrous size rate =
        chain [ dilated rate (conv size 256); batchNorm ]

    let imagePooling = chain [ globalAvgPool; conv 1 256 ]

    let pyramid =
        branches [ imagePooling; atrous 1 1; atrous 3 4; atrous 3 6; atrous 3 12 ]

    let projected = chain [ pyramid; conv 1 256; conv 1 512; batchNorm ]

    let deepest =
        chain [
            dilatedUnit 2
            dilatedUnit 4
            dilatedUnit 8
            branches [ conv 1 128; projected ]
        ]

    let stem = chain [ halved (conv 3 256); bottleneck identity id 256 ]
    earlier "earlier-deeplab-v3-plus" [ stem; encoderDecoder [ level ] deepest; classify ]

[
    unet
    attentionUNet
    recurrentResidual unet |> named "earlier-r2-unet"
    recurrentResidual attentionUNet |> named "earlier-r2-attention-unet"
    unetPlusPlus
    segNet
    tiramisu
    deepLab
]
