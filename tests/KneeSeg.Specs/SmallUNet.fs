/// The small 3D U-Net that speeds are measured with: width 16, four levels, batch norms.
module KneeSeg.Specs.SmallUNet

open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

let private twice width =
    repeat 2 (Blocks.chain [ conv 3 width; batchNorm; relu ])

let private level width = {
    Encode = twice width
    Down = maxPool 2
    Skip = concat
    Up = deconv 2 width
    Decode = twice width
}

/// The network.
let network =
    network3d "small-unet" [ encoderDecoder (List.map level [ 16; 32; 64 ]) (twice 128); classify ]

/// Its canonical text.
let json = Json.text network
