/// HRNet: branches at four resolutions side by side, which exchange their feature maps again and again.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.HRNet

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Wang et al. 2020: HRNetV2-W18.
let hrNetW18 =
    let width branch = 18 * pown 2 (branch - 1)

    let normed size filters =
        chain [ withoutBias (conv size filters); batchNorm ]

    let unit size filters = chain [ normed size filters; relu ]
    let halving filters = strided 2 (normed 3 filters)

    let basic filters =
        chain [ residual (chain [ unit 3 filters; normed 3 filters ]); relu ]

    let up n = upsampleLinearAligned (pown 2 n)

    /// The way from a branch to another one.
    let exchange from into =
        if from > into then
            chain [ normed 1 (width into); up (from - into) ]
        elif from = into then
            identity
        else
            let narrow = repeat (into - from - 1) (chain [ halving (width from); relu ])
            chain [ narrow; halving (width into) ]

    /// Four blocks in each branch, then each is the sum of all. Gives its stages, and what recalls its outputs.
    let exchangeModule inputs name =
        let branches = [ 1 .. List.length inputs ]
        let blocks i = $"{name} blocks {i}"
        let output i = $"{name} branch {i}"

        let sum i =
            Branches(Add, [ for j in branches -> chain [ recall (blocks j); exchange j i ] ])

        let stages = [
            for i, input in List.zip branches inputs do
                stage (blocks i) [ input; repeat 4 (basic (width i)) ]
            for i in branches do
                stage (output i) [ sum i; relu ]
        ]

        chain stages, List.map (output >> recall) branches

    /// Modules of one branch more than there were.
    let exchangeStage outputs (name, count) =
        let added = chain [ List.last outputs; halving (width (outputs.Length + 1)); relu ]
        let names = [ for i in 1..count -> $"{name}-{i}" ]
        let modules, outputs = List.mapFold exchangeModule (outputs @ [ added ]) names
        chain modules, outputs

    let stem = repeat 2 (strided 2 (unit 3 64))
    let first = stage "stage 1" [ ResNet.bottlenecks 4 64 1 1 ]

    let second, outputs =
        let inputs = [
            chain [ recall "stage 1"; unit 3 (width 1) ]
            chain [ recall "stage 1"; halving (width 2); relu ]
        ]

        exchangeModule inputs "stage 2"

    let others, outputs =
        List.mapFold exchangeStage outputs [ "stage 3", 4; "stage 4", 3 ]

    let finest = [
        for i, output in List.indexed outputs -> if i = 0 then output else chain [ output; up i ]
    ]

    network2d "hrnet-w18" [
        stem
        first
        second
        chain others
        branches finest
        convTo sameChannels 1
        batchNorm
        relu
        classify
        up 2
    ]

let internal entries = [
    {
        Network = hrNetW18
        Summary = "branches at four resolutions side by side, which exchange their feature maps"
        Paper =
            "Wang, Sun, Cheng et al. 2020, Deep High-Resolution Representation Learning for Visual Recognition"
        Departures =
            "HRNetV2-W18 in the form of the authors' segmentation code; logits are upsampled to the input's resolution inside the network."
    }
]
