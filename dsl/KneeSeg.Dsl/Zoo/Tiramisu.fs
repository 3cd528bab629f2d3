/// The one hundred layers Tiramisu: dense blocks on the way down and up.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.Tiramisu

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Jégou et al. 2017: FC-DenseNet103.
let tiramisu =
    let layers count =
        List.replicate count (chain [ batch; relu; conv 3 16; drop 0.2 ])

    let down = chain [ batch; relu; convTo keep 1; drop 0.2; maxPool 2 ]

    let level (count, decode) = {
        Encode = denseBlock (layers count)
        // Keeps the first 2n of the full 2n + 1.
        Scale = Through(down, same (deconvTo keep 3))
        Skip = concatAfter
        Decode = decode (layers count)
    }

    // Only the outermost decoder hands on what came in.
    let levels = [ 4, denseBlock; 5, denseNew; 7, denseNew; 10, denseNew; 12, denseNew ]

    planar "tiramisu" [ conv 3 48; ladder (List.map level levels) (denseNew (layers 15)); classify ]

let internal entries = [
    {
        Network = tiramisu
        Summary = "dense blocks: every layer hears all before it"
        Paper =
            "Jégou, Drozdzal, Vazquez, Romero, Bengio 2017, The One Hundred Layers Tiramisu: Fully Convolutional DenseNets for Semantic Segmentation"
        Departures = "None: FC-DenseNet103."
    }
]
