// pytorch-3dunet's UNet3D with layer order gcr and 16 feature maps.
let unit groups width =
    chain [ groupNorm groups; withoutBias (conv 3 width); relu ]

let level (first, width) = {
    Encode = chain [ unit (if first = 8 then 1 else 8) first; unit 8 width ]
    Down = maxPool 2
    Skip = concat
    Up = upsampleNearest 2
    Decode = repeat 2 (unit 8 width)
}

network3d "unet3d-gcr" [
    encoderDecoder [ level (8, 16); level (16, 32) ] (chain [ unit 8 32; unit 8 64 ])
    classify
]
