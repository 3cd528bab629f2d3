/// SegNet: maps come back up to where their maxima were.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.SegNet

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Badrinarayanan et al. 2017: the VGG-16 down, and its mirror up.
let segNet =
    let unit width = chain [ conv 3 width; batch; relu ]

    let level (count, width, widthAbove) = {
        Encode = times count (unit width)
        Scale = Unpool(Every 2)
        Skip = NoSkip
        Decode = chain [ times (count - 1) (unit width); times (min 1 widthAbove) (unit widthAbove) ]
    }

    // The last convolution of a decoder has the width of the level above; the outermost's is the head.
    let levels = [ 2, 64, 0; 2, 128, 64; 3, 256, 128; 3, 512, 256; 3, 512, 512 ]

    planar "segnet" [ ladder (List.map level levels) asIs; convTo Classes 3 ]

let internal entries = [
    {
        Network = segNet
        Summary = "a VGG-16 and its mirror; pooling indices instead of skips"
        Paper =
            "Badrinarayanan, Kendall, Cipolla 2017, SegNet: A Deep Convolutional Encoder-Decoder Architecture for Image Segmentation"
        Departures = "None."
    }
]
