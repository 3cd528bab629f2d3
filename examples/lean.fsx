// A U-Net for volumes that spends little where maps are largest: one convolution on each side of the first level, where
// a voxel more costs most, and the usual two below. About as many parameters as unet3d+tiny, two thirds of its work.
// Train it with   kneeseg train examples/lean.fsx --data knees --run runs/lean --recipe examples/recipes/generated-knees.json

let unit width = chain [ conv 3 width; batch; relu ]

let level units width = {
    Encode = times units (unit width)
    Scale = Through(maxPool 2, deconv 2 width)
    Skip = concat
    Decode = times units (unit width)
}

volume "lean" [ ladder [ level 1 16; level 2 32; level 2 64 ] (times 2 (unit 128)); classify ]
