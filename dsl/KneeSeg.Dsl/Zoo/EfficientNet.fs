/// A U-Net on EfficientNet-B0.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.EfficientNet

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// The 16 mobile inverted bottlenecks of EfficientNet-B0, each with its input width: kernel, stride, expansion, output width.
let private blocks =
    let stages = [
        3, 1, 1, 16, 1
        3, 2, 6, 24, 2
        5, 2, 6, 40, 2
        3, 2, 6, 80, 3
        5, 1, 6, 112, 3
        5, 2, 6, 192, 4
        3, 1, 6, 320, 1
    ]

    [
        for kernel, stride, expansion, width, count in stages do
            for i in 1..count -> kernel, (if i = 1 then stride else 1), expansion, width
    ]
    |> List.mapFold (fun input (k, s, e, width) -> (input, (k, s, e, width)), width) 32
    |> fst

let private mobile index (input, (kernel, stride, expansion, width)) =
    let normed block = chain [ withoutBias block; batchNorm ]

    let excited =
        gatedBy (chain [ globalAvgPool; conv 1 (input / 4); silu; convTo Matching 1; sigmoid ])

    let body = [
        if expansion > 1 then
            normed (convTo (Times expansion) 1)
            silu
        normed (strided stride (depthwise (convTo sameChannels kernel)))
        silu
        excited
        normed (conv 1 width)
    ]

    if stride = 1 && input = width then
        residual (chain [ chain body; stochasticDepth (0.2 * float index / 16.0) ])
    else
        chain body

let private keras block =
    block |> samePadding |> epsilon 1e-3 |> momentum 0.01

/// Tan and Le 2019.
let unetEfficientNetB0 =
    let stem = chain [ strided 2 (withoutBias (conv 3 32)); batchNorm; silu ]
    let parts = List.mapi mobile blocks
    let between first last = chain parts[first..last]

    let level (skip, down, width) = {
        Encode = identity
        Down = keras down
        Skip = skip
        Up = upsampleNearest 2
        Decode = BackboneUNets.decoder width
    }

    let levels =
        List.map level [
            NoSkip, stem, 16
            concatDecoderFirst, between 0 2, 32
            concatDecoderFirst, between 3 4, 64
            concatDecoderFirst, between 5 8, 128
            concatDecoderFirst, between 9 15, 256
        ]

    network2d "unet-efficientnet-b0" [ encoderDecoder levels identity; convTo Classes 3 ]

let internal entries = [
    {
        Network = unetEfficientNetB0
        Summary =
            "a U-Net decoder on EfficientNet-B0: mobile inverted bottlenecks, squeeze-and-excite, stochastic depth"
        Paper = "Tan, Le 2019, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks"
        Departures =
            "The form of segmentation_models.pytorch, without the classifier's last convolution, which it builds and never uses."
    }
]
