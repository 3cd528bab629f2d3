/// U-Nets whose encoder is a transformer: UNETR.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.Unetr

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

let private normed block =
    chain [ withoutBias block; withoutAffine instanceNorm ]

let private residualUnit path width =
    chain [
        shortcut path (chain [ normed (conv 3 width); leakyRelu 0.01; normed (conv 3 width) ])
        leakyRelu 0.01
    ]

/// Two convolutions with a shortcut that is projected to their width.
let private projected = residualUnit (normed (convTo Matching 1))

let private upsampled width = withoutBias (deconv 2 width)

/// Hatamizadeh et al. 2022.
let unetr =
    let attention =
        chain [
            withoutBias (convTo (Times 3) 1)
            dotProductAttention 12
            convTo sameChannels 1
        ]

    let blocks count =
        repeat count (transformerBlock 4 attention)

    /// The transformer's feature map, brought to a level.
    let lifted times width =
        chain [
            upsampled width
            repeat times (chain [ upsampled width; residualUnit identity width ])
        ]

    let level (width, encode, down, skip) = {
        Encode = encode
        Down = down
        Skip = concatDecoderFirst |> via (skip width)
        Up = upsampled width
        Decode = projected width
    }

    let levels = [
        16, identity, chain [ strided 16 (conv 16 768); positionEmbedding 6 ], projected
        32, blocks 4, identity, lifted 2
        64, blocks 3, identity, lifted 1
        128, blocks 3, identity, lifted 0
    ]

    network3d "unetr" [
        encoderDecoder (List.map level levels) (chain [ blocks 2; channelLayerNorm ])
        classify
    ]

let internal entries = [
    {
        Network = unetr
        Summary = "a vision transformer as encoder, whose feature maps are brought to each level of the decoder"
        Paper =
            "Hatamizadeh, Tang, Nath, Yang, Myronenko, Landman, Roth, Xu 2022, UNETR: Transformers for 3D Medical Image Segmentation"
        Departures =
            "MONAI's form at 96x96x96: queries, keys and values have no bias, instance norms learn nothing; the position embedding is resized for other sizes."
    }
]
