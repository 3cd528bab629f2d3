/// ResNets without their classifier, to build on.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.ResNet

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

let private unit size filters =
    chain [ withoutBias (conv size filters); batchNorm; relu ]

let private normed size filters =
    chain [ withoutBias (conv size filters); batchNorm ]

let private projection stride =
    chain [ withoutBias (convTo Matching 1) |> strided stride; batchNorm ]

/// Two convolutions, in the shallower ResNets.
let private basic path filters stride =
    let convolution = unit 3 filters |> strided stride
    chain [ shortcut path (chain [ convolution; normed 3 filters ]); relu ]

/// Three convolutions, the outer ones with kernels of 1, in the deeper ones.
let private bottleneck path filters stride rate =
    let convolution = unit 3 filters |> strided stride |> dilated rate
    let expansion = normed 1 (4 * filters)
    chain [ shortcut path (chain [ unit 1 filters; convolution; expansion ]); relu ]

/// What every ResNet begins with.
let internal stem = stage "stem" [ unit 7 64 |> strided 2; strided 2 (maxPool 3) ]

/// A stage whose first block projects the shortcut.
let internal bottlenecks count filters stride rate =
    chain [
        bottleneck (projection stride) filters stride 1
        repeat (count - 1) (bottleneck identity filters 1 rate)
    ]

let private basics count filters =
    chain [
        basic (projection 2) filters 2
        repeat (count - 1) (basic identity filters 1)
    ]

/// The ResNet-34 (He et al. 2016) without its classifier.
let resNet34 =
    chain [
        stem
        repeat 3 (basic identity 64 1)
        basics 4 128
        basics 6 256
        basics 3 512
    ]

/// The ResNet-50 (He et al. 2016) without its classifier; blocks that downsample do so in their middle convolution.
let resNet50 =
    chain [
        stem
        bottlenecks 3 64 1 1
        bottlenecks 4 128 2 1
        bottlenecks 6 256 2 1
        bottlenecks 3 512 2 1
    ]
