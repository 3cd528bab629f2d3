/// The small 3D U-Net that speeds are measured with: width 16, four levels, batch norms.
module KneeSeg.Specs.SmallUNet

open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

let private twice width =
    times 2 (Blocks.chain [ conv 3 width; batch; relu ])

let private level width = {
    Encode = twice width
    Scale = Through(maxPool 2, deconv 2 width)
    Skip = concat
    Decode = twice width
}

/// The network.
let network =
    volume "small-unet" [ ladder (List.map level [ 16; 32; 64 ]) (twice 128); classify ]

/// Its canonical text.
let json = Json.text network
