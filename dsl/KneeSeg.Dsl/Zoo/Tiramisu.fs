/// The One Hundred Layers Tiramisu: dense blocks in encoder and decoder.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.Tiramisu

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Jégou et al. 2017: FC-DenseNet103.
let tiramisu =
    let layers count =
        List.replicate count (chain [ batchNorm; relu; conv 3 16; channelDropout 0.2 ])

    let transitionDown =
        chain [ batchNorm; relu; convTo sameChannels 1; channelDropout 0.2; maxPool 2 ]

    // The first 2n voxels of the full 2n + 1.
    let transitionUp = samePadding (deconvTo sameChannels 3)

    let level (count, decode) = {
        Encode = denseBlock (layers count)
        Down = transitionDown
        Skip = concatDecoderFirst
        Up = transitionUp
        Decode = decode (layers count)
    }

    // Only the first level's decoder outputs its input too.
    let levels = [
        4, denseBlock
        5, denseFeatures
        7, denseFeatures
        10, denseFeatures
        12, denseFeatures
    ]

    network2d "tiramisu" [
        conv 3 48
        encoderDecoder (List.map level levels) (denseFeatures (layers 15))
        classify
    ]

let internal entries = [
    {
        Network = tiramisu
        Summary = "dense blocks: every layer receives the outputs of all before it"
        Paper =
            "Jégou, Drozdzal, Vazquez, Romero, Bengio 2017, The One Hundred Layers Tiramisu: Fully Convolutional DenseNets for Semantic Segmentation"
        Departures = "None: FC-DenseNet103."
    }
]
