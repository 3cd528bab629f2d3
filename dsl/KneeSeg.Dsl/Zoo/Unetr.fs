/// U-Nets whose encoder is a transformer: UNETR and Swin UNETR.
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

/// Hatamizadeh et al. 2022, with shifted windows.
let swinUnetr =
    let blocks heads =
        chain [
            transformerBlock 4 (windowAttention heads 7)
            transformerBlock 4 (shiftedWindowAttention heads 7)
        ]

    /// The eight voxels of each block as channels: those with fewer steps from the first come first, as MONAI has them.
    let merged width =
        chain [
            spaceToChannels 2
            branches [ for corner in [ 0; 4; 2; 1; 6; 5; 3; 7 ] -> channelGroup corner 8 ]
            channelLayerNorm
            withoutBias (conv 1 width)
        ]

    let hidden = withoutAffine channelLayerNorm

    let level (width, down, skip) = {
        Encode = identity
        Down = down
        Skip = concatDecoderFirst |> via skip
        Up = upsampled width
        Decode = projected width
    }

    let levels = [
        48, strided 2 (conv 2 48), projected 48
        48, chain [ blocks 3; merged 96 ], chain [ hidden; residualUnit identity 48 ]
        96, chain [ blocks 6; merged 192 ], chain [ hidden; residualUnit identity 96 ]
        192, chain [ blocks 12; merged 384 ], chain [ hidden; residualUnit identity 192 ]
        384, chain [ blocks 24; merged 768 ], hidden
    ]

    network3d "swin-unetr" [
        encoderDecoder (List.map level levels) (chain [ hidden; residualUnit identity 768 ])
        classify
    ]

let internal entries = [
    {
        Network = unetr
        Summary =
            "a vision transformer as encoder, whose feature maps are brought to each level of the decoder"
        Paper =
            "Hatamizadeh, Tang, Nath, Yang, Myronenko, Landman, Roth, Xu 2022, UNETR: Transformers for 3D Medical Image Segmentation"
        Departures =
            "MONAI's form at 96x96x96: no bias of queries, keys and values, instance norms without gamma and beta. For other sizes the position embedding is resized."
    }
    {
        Network = swinUnetr
        Summary =
            "a transformer with shifted windows as encoder, whose blocks of voxels are merged from level to level"
        Paper =
            "Hatamizadeh, Nath, Tang, Yang, Roth, Xu 2022, Swin UNETR: Swin Transformers for Semantic Segmentation of Brain Tumors in MRI Images"
        Departures =
            "MONAI's form with 48 features; all eight voxels of a block are merged, as since MONAI 1.5 (two were taken twice before)."
    }
]
