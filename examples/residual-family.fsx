// A departure from the U-Net, and a family of it: residual blocks with instance norm, downsampling by strided convolutions,
// at first only in plane, for thick slices; with attention gates, and conditioned on the patch's position.
// See it with   kneeseg variants examples/residual-family.fsx --with tiny,small

let unit width =
    chain [ conv 3 width; instanceNorm; leakyRelu 0.01 ]

// A convolution with kernel 1 gives the shortcut the width of the body.
let block width =
    chain [
        shortcut (convTo Matching 1) (chain [ unit width; conv 3 width; instanceNorm ])
        leakyRelu 0.01
    ]

let level (width, step) = {
    Encode = block width
    Down = step (strided 2 (conv 2 (2 * width)))
    Skip = concat
    Up = step (deconv 2 width)
    Decode = block width
}

let levels = [ 8, inPlane; 16, id; 32, id ]

let residual =
    network3d "residual3d" [ encoderDecoder (List.map level levels) (block 64); classify ]

// A script ends in a network or, as here, in a list of them.
[ residual; gated residual; relative residual ]
