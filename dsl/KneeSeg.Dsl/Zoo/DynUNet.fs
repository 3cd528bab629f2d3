/// DynUNet: MONAI's network after nnU-Net, plain and residual.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.DynUNet

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

let private normed block =
    chain [ withoutBias block; instanceNorm ]

let private unit width =
    chain [ normed (conv 3 width); leakyRelu 0.01 ]

/// A stage of a stride and a width: two convolutions.
let private plain stride width =
    chain [ strided stride (unit width); unit width ]

/// A stage with a projection around its convolutions.
let private residual stride width =
    let projection = normed (strided stride (convTo Matching 1))
    let convolutions = chain [ strided stride (unit width); normed (conv 3 width) ]
    chain [ shortcut projection convolutions; leakyRelu 0.01 ]

/// Stages of these widths, each but the first at half of the resolution before it; decoders are plain.
let private dynUNetOf name stage widths =
    let level width below = {
        Encode = identity
        Down = stage 2 below
        Skip = concatDecoderFirst
        Up = withoutBias (deconv 2 width)
        Decode = plain 1 width
    }

    network3d name [
        stage 1 (List.head widths)
        encoderDecoder (levelsOf level widths) identity
        classify
    ]

/// The network of Isensee et al. 2021 as MONAI has it.
let dynUNet = dynUNetOf "dynunet" plain [ 32; 64; 128; 256; 320; 320 ]

/// With residual encoders.
let dynUNetRes = dynUNetOf "dynunet-res" residual [ 32; 64; 128; 256; 320; 320 ]

let private paper =
    "Isensee et al. 2021, nnU-Net: a self-configuring method for deep learning-based biomedical image segmentation; Cardoso et al. 2022, MONAI: An open-source framework for deep learning in healthcare"

let internal entries = [
    {
        Network = dynUNet
        Summary = "MONAI's DynUNet: nnU-Net without biases before norms"
        Paper = paper
        Departures =
            "None: MONAI's form for kernels of 3 and strides of 2. `dynunet+deep-supervision` has its heads."
    }
    {
        Network = dynUNetRes
        Summary = "MONAI's DynUNet with residual encoders"
        Paper = paper
        Departures = "None: MONAI's form with `res_block`, whose decoders have no residuals."
    }
]
