// A U-Net for volumes that spends little where feature maps are largest: one convolution in the encoder and decoder of the
// first level, and the usual two below. About as many parameters as unet3d+tiny, two thirds of its multiply-accumulates.
// Train it with   kneeseg train examples/lean.fsx --data knees --run runs/lean --recipe examples/recipes/generated-knees.json

let unit width = chain [ conv 3 width; batchNorm; relu ]

let level units width = {
    Encode = repeat units (unit width)
    Down = maxPool 2
    Skip = concat
    Up = deconv 2 width
    Decode = repeat units (unit width)
}

network3d "lean" [
    encoderDecoder [ level 1 16; level 2 32; level 2 64 ] (repeat 2 (unit 128))
    classify
]
