// A family from one description: two depths, two kinds of downsampling, and every mix of three variants.
// See it with   kneeseg variants examples/sweeps/family.fsx

let step width =
    chain [ conv 3 width; instanceNorm; leakyRelu 0.01 ]

let level down width = {
    Encode = step width
    Down = down width
    Skip = concat
    Up = deconv 2 width
    Decode = step width
}

let described (depth, widths) (name, down) =
    network3d $"{name}-{depth}" [ encoderDecoder (List.map (level down) widths) (step 16); classify ]

let mixes network = [
    for variant, word in [ id, ""; gated, "gated"; relative, "relative"; withoutSkips, "no-skips" ] do
        for repeated, again in [ id, ""; recurrentResidual, "recurrent" ] do
            let label = String.concat "-" (List.filter ((<>) "") [ network.Name; word; again ])
            network |> repeated |> variant |> named label
]

[
    for depth in [ "shallow", [ 4 ]; "deep", [ 4; 8 ] ] do
        for down in
            [
                "pooled", (fun _ -> maxPool 2)
                "strided", (fun width -> strided 2 (conv 2 width))
            ] do
            yield! mixes (described depth down)
]
