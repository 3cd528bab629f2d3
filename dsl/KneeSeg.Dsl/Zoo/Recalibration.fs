/// Blocks that weigh channels and voxels by what they see, and the U-Net with them behind every encoder and decoder.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.Recalibration

open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Two dense layers with a width of 1/n between them.
let private perceptron n =
    chain [ convTo (Fraction n) 1; relu; convTo Matching 1 ]

/// Squeeze and excitation (Hu et al. 2018): weighs channels by the averages of all.
let internal squeezeExcitation n =
    gatedBy (chain [ globalAvgPool; perceptron n; sigmoid ])

/// Concurrent spatial and channel squeeze and excitation (Roy et al. 2018): weighs channels, and voxels, and adds both.
let internal scSE n =
    let spatial = gatedBy (chain [ convTo (Exactly 1) 1; sigmoid ])
    shortcut (squeezeExcitation n) spatial

/// The convolutional block attention module (Woo et al. 2018): weighs channels, then voxels.
let internal cbam n =
    let ofChannels pool =
        chain [ pool; tied "perceptron" (perceptron n) ]

    let channels = shortcut (ofChannels globalAvgPool) (ofChannels globalMaxPool)
    let extremes = branches [ maxOverChannels; avgOverChannels ]

    let voxels =
        chain [ extremes; withoutBias (convTo (Exactly 1) 7); batchNorm |> momentum 0.01 ]

    stage "cbam" [ gatedBy (chain [ channels; sigmoid ]); gatedBy (chain [ voxels; sigmoid ]) ]

/// The U-Net with a block behind every encoder and decoder.
let private unetWith name block =
    let level level = {
        level with
            Encode = chain [ level.Encode; block ]
            Decode = chain [ level.Decode; block ]
    }

    { unet with Name = name; Body = Blocks.rewriteLevels level unet.Body }

/// Roy et al. 2018.
let unetScSE = unetWith "unet-scse" (scSE 2)

/// The U-Net with the modules of Woo et al. 2018.
let unetCBAM = unetWith "unet-cbam" (cbam 16)

let internal entries = [
    {
        Network = unetScSE
        Summary = "the U-Net with concurrent spatial and channel squeeze and excitation"
        Paper =
            "Roy, Navab, Wachinger 2018, Concurrent Spatial and Channel Squeeze and Excitation in Fully Convolutional Networks"
        Departures = "On `unet`, whose form it shares."
    }
    {
        Network = unetCBAM
        Summary = "the U-Net with convolutional block attention modules"
        Paper = "Woo, Park, Lee, Kweon 2018, CBAM: Convolutional Block Attention Module"
        Departures =
            "The module is the authors'; the combination with `unet`, behind every encoder and decoder, has no paper of its own."
    }
]
