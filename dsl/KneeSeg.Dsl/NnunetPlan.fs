namespace KneeSeg.Dsl

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// The network of a configuration in nnU-Net's plans, a number or a size per stage, the finest first. Sizes are along height and
/// width, or depth, height and width.
type NnunetPlan = {
    Name: string
    /// ResidualEncoderUNet instead of PlainConvUNet.
    IsResidual: bool
    Features: int[]
    Kernels: int[][]
    Strides: int[][]
    /// Convolutions, or residual blocks, of the encoder.
    Encoder: int[]
    /// Convolutions of the decoder, one entry less than stages, the coarsest first as in the plans.
    Decoder: int[]
    Bias: bool
    /// Batch norm instead of instance norm.
    IsBatchNorm: bool
    Epsilon: float
    /// The activation's slope below zero; 0 for ReLU.
    Slope: float
} with

    static member Create
        (
            name: string,
            isResidual: bool,
            features: int[],
            kernels: int[][],
            strides: int[][],
            encoder: int[],
            decoder: int[],
            bias: bool,
            isBatchNorm: bool,
            epsilon: float,
            slope: float
        ) = {
        Name = name
        IsResidual = isResidual
        Features = features
        Kernels = kernels
        Strides = strides
        Encoder = encoder
        Decoder = decoder
        Bias = bias
        IsBatchNorm = isBatchNorm
        Epsilon = epsilon
        Slope = slope
    }

module internal NnunetPlan =
    let private size lengths =
        match lengths with
        | [| d; h; w |] when d <> h || h <> w -> Axes(d, h, w)
        | _ -> Isotropic lengths[0]

    let private sized kernel stride =
        Blocks.rewriteConvs (fun conv -> { conv with Kernel = size kernel; Stride = size stride })

    /// The network, with deep supervision as nnU-Net trains it.
    let network (plan: NnunetPlan) : Network =
        let last = plan.Features.Length - 1
        let flat = Array.create plan.Strides[0].Length 1

        let norm =
            (if plan.IsBatchNorm then batchNorm else instanceNorm) |> epsilon plan.Epsilon

        let act = if plan.Slope = 0.0 then relu else leakyRelu plan.Slope
        let biased = if plan.Bias then id else withoutBias

        let normed kernel stride width =
            chain [ conv 1 width |> sized kernel stride |> biased; norm ]

        let unit kernel stride width =
            chain [ normed kernel stride width; act ]

        /// BasicBlockD: a shortcut that strides averages first, and one that changes the width is projected.
        let residualBlock kernel stride before width =
            let path =
                chain [
                    if stride <> flat then
                        avgPool 1
                        |> Blocks.rewritePools (fun pool -> {
                            pool with
                                Size = size stride
                                Stride = size stride
                        })
                    if before <> width then
                        chain [ withoutBias (conv 1 width); norm ]
                ]

            chain [
                shortcut path (chain [ unit kernel stride width; normed kernel flat width ])
                act
            ]

        /// A convolution or residual block of the encoder.
        let step s stride before =
            if plan.IsResidual then
                residualBlock plan.Kernels[s] stride before plan.Features[s]
            else
                unit plan.Kernels[s] stride plan.Features[s]

        let same count s =
            repeat count (step s flat plan.Features[s])

        let first =
            if plan.IsResidual then
                chain [ unit plan.Kernels[0] flat plan.Features[0]; same plan.Encoder[0] 0 ]
            else
                same plan.Encoder[0] 0

        // The first of a stage strides.
        let rest s = same (plan.Encoder[s] - 1) s

        let level s =
            let stride = plan.Strides[s + 1]

            {
                Encode = if s = 0 then first else rest s
                Down = step (s + 1) stride plan.Features[s]
                Skip = concatDecoderFirst
                Up = deconv 1 plan.Features[s] |> sized stride stride |> biased
                Decode = repeat plan.Decoder[last - 1 - s] (unit plan.Kernels[s] flat plan.Features[s])
            }

        let whole = encoderDecoder (List.init last level) (rest last)
        let make = if flat.Length = 2 then network2d else network3d

        make plan.Name [
            // With two stages the last output of the decoder is the only one.
            if last > 1 then deepSupervision classify whole else whole
            classify
        ]
