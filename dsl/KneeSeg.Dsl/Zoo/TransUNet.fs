/// A U-Net whose encoder is a ResNet followed by a vision transformer.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.TransUNet

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Chen et al. 2021.
let transUNet =
    let norm =
        Layer(
            Norm {
                Kind = GroupNormUpTo 32
                Epsilon = 1e-6
                Momentum = 0.1
                Gamma = true
                Beta = true
            }
        )

    let standardized block = weightStandardized (withoutBias block)

    let bottleneck path stride width =
        let convolutions = [
            chain [ standardized (conv 1 width); norm; relu ]
            chain [ strided stride (standardized (conv 3 width)); norm; relu ]
            chain [ standardized (conv 1 (4 * width)); norm ]
        ]

        chain [ shortcut path (chain convolutions); relu ]

    let bottlenecks count stride width =
        let projection =
            chain [ strided stride (standardized (convTo Matching 1)); instanceNorm ]

        chain [
            bottleneck projection stride width
            repeat (count - 1) (bottleneck identity 1 width)
        ]

    let transformerBlock =
        let attention =
            chain [
                branches (List.replicate 3 (convTo sameChannels 1))
                dotProductAttention 12
                convTo sameChannels 1
            ]

        let perceptron =
            chain [ convTo (Times 4) 1; gelu; dropout 0.1; convTo Matching 1; dropout 0.1 ]

        chain [
            residual (chain [ channelLayerNorm; attention ])
            residual (chain [ channelLayerNorm; perceptron ])
        ]

    let transformer =
        epsilon
            1e-6
            (chain [
                conv 1 768
                positionEmbedding 14
                dropout 0.1
                repeat 12 transformerBlock
                channelLayerNorm
            ])

    let unit width =
        chain [ withoutBias (conv 3 width); batchNorm; relu ]

    let level (width, encode, down, skip) = {
        Encode = encode
        Down = down
        Skip = skip
        Up = upsampleLinearAligned 2
        Decode = repeat 2 (unit width)
    }

    let levels = [
        16, identity, chain [ strided 2 (standardized (conv 7 64)); norm; relu ], NoSkip
        64, identity, padded 0 0 (strided 2 (maxPool 3)), concatDecoderFirst
        // The unpadded pool leaves a voxel out, which the skip connection brings back as zeros.
        128, bottlenecks 3 1 64, bottlenecks 4 2 128, concatDecoderFirst |> via (zeroPad 0 1)
        256, identity, bottlenecks 9 2 256, concatDecoderFirst
    ]

    network2d "transunet" [
        Layer(TileChannels(Exactly 3))
        encoderDecoder (List.map level levels) (chain [ transformer; unit 512 ])
        convTo Classes 3
    ]

let internal entries = [
    {
        Network = transUNet
        Summary = "a ResNet and a vision transformer as encoder"
        Paper =
            "Chen, Lu, Yu, Luo, Adeli, Wang, Lu, Yuille, Zhou 2021, TransUNet: Transformers Make Strong Encoders for Medical Image Segmentation"
        Departures =
            "The authors' R50-ViT-B_16 at 224x224, for 1 or 3 channels. For other sizes the position embedding is resized."
    }
]
