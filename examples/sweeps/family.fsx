// A family over five axes, 72 networks: two depths, two kinds of downsampling, three norms, three kinds of skip connections,
// with and without recurrent convolutions. See its table with   kneeseg describe examples/sweeps/family.fsx

let step width =
    chain [ conv 3 width; batchNorm; leakyRelu 0.01 ]

let level down width = {
    Encode = step width
    Down = down width
    Skip = concat
    Up = deconv 2 width
    Decode = step width
}

let ofLevels down widths =
    network3d "net" [ encoderDecoder (List.map (level down) widths) (step 16); classify ]

// Each axis is a list of changes. `id` changes nothing; a label with a value is a column of the tables.
let depths = [ for widths in [ [ 4 ]; [ 4; 8 ] ] -> $"levels={widths.Length}", widths ]

let downsampling = [
    "down=pool", (fun _ -> maxPool 2)
    "down=conv", (fun width -> strided 2 (conv 2 width))
]

let norms = [
    variant "norm=batch" id
    variant "norm=instance" (withNorm InstanceNorm)
    variant "norm=group" (withNorm (GroupNormUpTo 2))
]

let skips = [
    variant "skips=plain" id
    variant "skips=gated" gated
    variant "skips=none" withoutSkips
]

let recurrence = [ id; recurrentResidual ]

[
    for levels, widths in depths do
        for down, block in downsampling do
            for norm in norms do
                for skip in skips do
                    for recurrent in recurrence do
                        ofLevels block widths
                        |> variant levels id
                        |> variant down id
                        |> skip
                        |> norm
                        |> recurrent
]
