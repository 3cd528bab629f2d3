// The smallest own network worth training: three levels, for volumes.
// Look at it with   kneeseg describe examples/my-network.fsx

let twice width =
    times 2 (chain [ conv 3 width; batch; relu ])

let level width = {
    Encode = twice width
    Scale = Through(maxPool 2, deconv 2 width)
    Skip = concat
    Decode = twice width
}

volume "my-network" [ ladder (List.map level [ 12; 24; 48 ]) (twice 96); classify ]
