/// Networks whose feature maps are not the input's size divided by a stride.
module KneeSeg.Specs.Unpadded

open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Convolutions without padding, as Ronneberger et al. (2015) drew their U-Net, on an input with zeros around it: its levels'
/// widths with what their skips are cropped by, the finest first.
let private valid name around levels bottleneck beyond =
    let twice width =
        repeat 2 (chain [ padded 0 0 (conv 3 width); relu ])

    let level (width, cropped) = {
        Encode = twice width
        Down = maxPool 2
        Skip = concat |> via (crop cropped cropped)
        Up = deconv 2 width
        Decode = twice width
    }

    network2d name [
        zeroPad around around
        encoderDecoder (List.map level levels) (twice bottleneck)
        crop beyond beyond
        classify
    ]

/// The sizes of the paper's figure for an input of 384x384: 572 with its zeros, 388 at the end.
let ronneberger = valid "valid" 94 [ 64, 88; 128, 40; 256, 16; 512, 4 ] 1024 2

let private smallNetwork = valid "small-valid" 22 [ 4, 16; 8, 4 ] 8 2

/// Transposed convolutions that leave one voxel fewer, and a zero in front of them, as in MedNeXt (Roy et al. 2023).
let private shiftedNetwork =
    let norm = chain [ conv 1 4; batchNorm; relu ]

    let level = {
        Encode = norm
        Down = padded 1 1 (strided 2 (conv 3 4))
        Skip = add
        Up = chain [ padded 1 1 (deconv 3 4); norm; zeroPad 1 0 ]
        Decode = chain [ conv 3 4; relu ]
    }

    network3d "shifted" [ encoderDecoder [ level; level ] norm; classify ]

/// Two levels of the first, as canonical text.
let small = Json.text smallNetwork

/// The last, as canonical text.
let shifted = Json.text shiftedNetwork
