/// ResUNet++: residual blocks with squeeze and excitation, atrous pyramids, and attention in the decoder.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.ResUNetPlusPlus

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Jha et al. 2019.
let resUNetPlusPlus =
    let activated = chain [ batchNorm; relu ]

    let residualBlock first stride width =
        let projection = chain [ strided stride (convTo Matching 1); batchNorm ]

        let convolutions =
            chain [ first; strided stride (conv 3 width); activated; conv 3 width ]

        chain [ shortcut projection convolutions; withoutBias (squeezeExcitation 8) ]

    let pyramid width =
        let atrous rate =
            chain [ dilated rate (conv 3 width); batchNorm ]

        chain [ Branches(Add, List.map atrous [ 1; 6; 12; 18 ]); conv 1 width ]

    /// Weighs the decoder's feature map by itself and the encoder's.
    let attention =
        let encoder = chain [ recall "encoder"; activated; convTo Matching 3; maxPool 2 ]
        let decoder = chain [ activated; convTo sameChannels 3 ]
        gatedBy (chain [ shortcut encoder decoder; activated; convTo sameChannels 3 ])

    let level (encode, width) = {
        Encode = stage "encoder" [ encode ]
        Down = residualBlock activated 2 (2 * width)
        Skip = concatDecoderFirst
        Up = chain [ attention; upsampleNearest 2 ]
        Decode = residualBlock activated 1 (2 * width)
    }

    let levels = [ residualBlock identity 1 16, 16; identity, 32; identity, 64 ]

    network2d "resunet-plus-plus" [
        encoderDecoder (List.map level levels) (pyramid 256)
        pyramid 16
        classify
    ]

let internal entries = [
    {
        Network = resUNetPlusPlus
        Summary = "residual blocks with squeeze and excitation, attention in the decoder, atrous pyramids"
        Paper =
            "Jha, Smedsrud, Riegler et al. 2019, ResUNet++: An Advanced Architecture for Medical Image Segmentation"
        Departures = "The form of the authors' PyTorch code."
    }
]
