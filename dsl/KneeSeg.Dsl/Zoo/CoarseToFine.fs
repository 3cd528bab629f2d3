/// A cascade in one network: a U-Net at half the resolution, then one that also sees what it found.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.CoarseToFine

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// After the cascades of Roth et al. 2018 and Isensee et al. 2021.
let coarseToFine =
    let twice width =
        repeat 2 (chain [ conv 3 width; batchNorm; relu ])

    let level width = {
        Encode = twice width
        Down = maxPool 2
        Skip = concat
        Up = deconv 2 width
        Decode = twice width
    }

    let coarse =
        chain [
            avgPool 2
            encoderDecoder (List.map level [ 16; 32; 64 ]) (twice 128)
            classify
            output "coarse" identity
            upsampleLinear 2
        ]

    network3d "coarse-to-fine" [
        branches [ identity; coarse ]
        encoderDecoder (List.map level [ 32; 64; 128 ]) (twice 256)
        classify
    ]

let internal entries = [
    {
        Network = coarseToFine
        Summary =
            "a U-Net at half the resolution, trained too, whose logits a second one sees beside the image"
        Paper =
            "Roth, Oda, Zhou et al. 2018, An application of cascaded 3D fully convolutional networks for medical image segmentation"
        Departures =
            "Both halves are trained at once, and the second sees the whole image and logits, not a crop; as in Isensee et al. 2021, the first works on a coarser image."
    }
]
