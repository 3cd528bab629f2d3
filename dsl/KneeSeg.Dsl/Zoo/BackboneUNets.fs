/// U-Nets on the encoders of classifiers, in the form of segmentation_models.pytorch.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.BackboneUNets

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// A level's decoder.
let internal decoder width =
    repeat 2 (chain [ withoutBias (conv 3 width); batchNorm; relu ])

/// A U-Net with what stands before and behind each decoder that has a skip connection; the finest has none before it.
let private unetOn backbone name around =
    let decoders = [
        chain [ decoder 16; around ]
        for width in [ 32; 64; 128; 256 ] do
            chain [ around; decoder width; around ]
    ]

    network2d name [ encoderDecoderOn backbone decoders; convTo Classes 3 ]

/// On a ResNet-34.
let unetResNet34 = unetOn resNet34 "unet-resnet34" identity

/// On a ResNet-34, with squeeze and excitation of Roy et al. 2018 around the decoders.
let unetResNet34ScSE = unetOn resNet34 "unet-resnet34-scse" (scSE 16)

/// On a ResNet-50.
let unetResNet50 = unetOn resNet50 "unet-resnet50" identity

let private entry network summary papers = {
    Network = network
    Summary = summary
    Paper = papers
    Departures =
        "None: the form of segmentation_models.pytorch. Weights are not pretrained, and the encoder takes any number of channels."
}

let private papers =
    "He, Zhang, Ren, Sun 2016, Deep Residual Learning for Image Recognition; Ronneberger et al. 2015 (decoder)"

let internal entries = [
    entry unetResNet34 "a U-Net whose encoder is a ResNet-34" papers
    entry
        unetResNet34ScSE
        "a U-Net whose encoder is a ResNet-34, with squeeze and excitation around its decoders"
        $"{papers}; Roy et al. 2018 (squeeze and excitation)"
    entry unetResNet50 "a U-Net whose encoder is a ResNet-50" papers
]
