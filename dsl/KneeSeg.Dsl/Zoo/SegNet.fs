/// SegNet: a VGG-16 and its mirror, with max unpooling.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.SegNet

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Badrinarayanan et al. 2017: the encoder of VGG-16, and its mirror as decoder.
let segNet =
    let unit width = chain [ conv 3 width; batchNorm; relu ]

    let level (count, width, widthAbove) = {
        Encode = repeat count (unit width)
        Down = maxPool 2
        Skip = NoSkip
        Up = unpool
        Decode = chain [ repeat (count - 1) (unit width); repeat (min 1 widthAbove) (unit widthAbove) ]
    }

    // The last convolution of a decoder has the width of the level above; that of the first level is the classifier.
    let levels = [ 2, 64, 0; 2, 128, 64; 3, 256, 128; 3, 512, 256; 3, 512, 512 ]

    network2d "segnet" [ encoderDecoder (List.map level levels) identity; convTo Classes 3 ]

let internal entries = [
    {
        Network = segNet
        Summary = "a VGG-16 and its mirror; pooling indices instead of skip connections"
        Paper =
            "Badrinarayanan, Kendall, Cipolla 2017, SegNet: A Deep Convolutional Encoder-Decoder Architecture for Image Segmentation"
        Departures = "None."
    }
]
