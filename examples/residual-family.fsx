// A departure from the U-Net, and a family of it: residual blocks with instance norm, convolutions for going down,
// a first step that leaves the thick slices alone; with attention on the skips, and with the patch's position.
// See it with   kneeseg variants examples/residual-family.fsx --with tiny,small

let unit width =
    chain [ conv 3 width; instance; leaky 0.01 ]

// A convolution of window 1 gives the shortcut the width of what it is added to.
let block width =
    chain [
        beside (convTo Like 1) (chain [ unit width; conv 3 width; instance ])
        leaky 0.01
    ]

let level (width, step) = {
    Encode = block width
    Scale = Through(step (strided 2 (conv 2 (2 * width))), step (deconv 2 width))
    Skip = concat
    Decode = block width
}

let levels = [ 8, inPlane; 16, id; 32, id ]

let residual =
    volume "residual3d" [ ladder (List.map level levels) (block 64); classify ]

// A script ends in a network or, as here, in a list of them.
[
    residual
    gated residual |> called "residual3d-gated"
    relative residual |> called "residual3d-relative"
]
