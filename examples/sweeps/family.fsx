// A family from one description: two depths, two ways of going down, and every mix of three variants.
// See it with   kneeseg variants examples/sweeps/family.fsx

let step width =
    chain [ conv 3 width; instance; leaky 0.01 ]

let level going width = {
    Encode = step width
    Scale = Through(going width, deconv 2 width)
    Skip = concat
    Decode = step width
}

let described (depth, widths) (name, going) =
    volume $"{name}-{depth}" [ ladder (List.map (level going) widths) (step 16); classify ]

let mixes network = [
    for variant, word in [ id, ""; gated, "gated"; relative, "relative"; highwayless, "highwayless" ] do
        for repeated, again in [ id, ""; recurrent, "recurrent" ] do
            let label = String.concat "-" (List.filter ((<>) "") [ network.Name; word; again ])
            network |> repeated |> variant |> called label
]

[
    for depth in [ "shallow", [ 4 ]; "deep", [ 4; 8 ] ] do
        for going in
            [
                "pooled", (fun _ -> maxPool 2)
                "strided", (fun width -> strided 2 (conv 2 width))
            ] do
            yield! mixes (described depth going)
]
