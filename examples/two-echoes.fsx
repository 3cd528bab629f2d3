// A dataset of two channels, such as both echoes of a qDESS scan, with an encoder for each: one decoder sees both.
// See them with   kneeseg describe examples/two-echoes.fsx --channels 2
// Train one with  kneeseg phantom echoes --channels dess,t2
// and             kneeseg train examples/two-echoes.fsx#siamese --data echoes --run runs/echoes

let twice width =
    repeat 2 (chain [ conv 3 width; instanceNorm; leakyRelu 0.01 ])

// A feature map holds the channels of the first echo, then as many of the second.
let ofEach encode =
    branches [ chain [ channelGroup 0 2; encode ]; chain [ channelGroup 1 2; encode ] ]

let network name encoder =
    let level width = {
        Encode = ofEach (encoder width)
        Down = maxPool 2
        Skip = concat
        Up = deconv 2 (2 * width)
        Decode = twice (2 * width)
    }

    network3d name [
        encoderDecoder (List.map level [ 8; 16; 32 ]) (ofEach (encoder 64))
        classify
    ]

[
    network "two-encoders" twice
    // Siamese: both encoders have the same weights.
    network "siamese" (fun width -> shared $"encoder {width}" (twice width))
]
