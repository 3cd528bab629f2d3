// The smallest own network worth training: three levels, for volumes.
// Look at it with   kneeseg describe examples/my-network.fsx

let twice width =
    repeat 2 (chain [ conv 3 width; batchNorm; relu ])

let level width = {
    Encode = twice width
    Down = maxPool 2
    Skip = concat
    Up = deconv 2 width
    Decode = twice width
}

network3d "my-network" [ encoderDecoder (List.map level [ 12; 24; 48 ]) (twice 96); classify ]
