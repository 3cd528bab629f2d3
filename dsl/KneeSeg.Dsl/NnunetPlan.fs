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

/// A network of nnU-Net's plans.
type NnunetNetwork = {
    Spec: NetworkSpec
    /// What PyTorch's modules with weights are called in nnU-Net, in the order in which the graph's nodes with weights run.
    Modules: string[]
}

/// A block with the names of its modules, so that neither can change without the other.
module internal NnunetPlan =
    type private Named = Block * string list

    let private one name block : Named = block, [ name ]

    let private unweighted block : Named = block, []

    let private inOrder (parts: Named list) : Named =
        chain (List.map fst parts), List.collect snd parts

    let private isOne = Array.forall ((=) 1)

    let private size lengths =
        match lengths with
        | [| d; h; w |] when d <> h || h <> w -> Axes(d, h, w)
        | _ -> Isotropic lengths[0]

    let private sized kernel stride =
        Blocks.rewriteConvs (fun conv -> { conv with Kernel = size kernel; Stride = size stride })

    /// The spec and the names of the modules.
    let network (plan: NnunetPlan) : Network * string list =
        let last = plan.Features.Length - 1
        let flat = Array.create plan.Strides[0].Length 1

        let norm =
            (if plan.IsBatchNorm then batchNorm else instanceNorm) |> epsilon plan.Epsilon

        let act = unweighted (if plan.Slope = 0.0 then relu else leakyRelu plan.Slope)

        /// ConvDropoutNormReLU without its activation.
        let normed bias name kernel stride width =
            let conv = conv 1 width |> sized kernel stride

            inOrder [
                one $"{name}.conv" (if bias then conv else withoutBias conv)
                one $"{name}.norm" norm
            ]

        let unit name kernel stride width =
            inOrder [ normed plan.Bias name kernel stride width; act ]

        let plainStage s i =
            unit $"encoder.stages.{s}.0.convs.{i}" plan.Kernels[s] flat plan.Features[s]

        /// BasicBlockD: a shortcut that strides averages first, and one that changes the width is projected.
        let residualBlock name kernel stride before width =
            let body, bodyNames =
                inOrder [
                    unit $"{name}.conv1" kernel stride width
                    normed plan.Bias $"{name}.conv2" kernel flat width
                ]

            let pool =
                if isOne stride then
                    []
                else
                    [
                        avgPool 1
                        |> Blocks.rewritePools (fun pool -> {
                            pool with
                                Size = size stride
                                Stride = size stride
                        })
                        |> unweighted
                    ]

            let projection =
                if before = width then
                    []
                else
                    [ normed false $"{name}.skip.{pool.Length}" flat flat width ]

            let path, pathNames = inOrder (pool @ projection)
            inOrder [ (shortcut path body, pathNames @ bodyNames); act ]

        let residualStage s b =
            residualBlock
                $"encoder.stages.{s}.blocks.{b}"
                plan.Kernels[s]
                flat
                plan.Features[s]
                plan.Features[s]

        let stage = if plan.IsResidual then residualStage else plainStage

        /// What moves to a stage, its first convolution or block.
        let down s =
            if plan.IsResidual then
                residualBlock
                    $"encoder.stages.{s}.blocks.0"
                    plan.Kernels[s]
                    plan.Strides[s]
                    plan.Features[s - 1]
                    plan.Features[s]
            else
                unit $"encoder.stages.{s}.0.convs.0" plan.Kernels[s] plan.Strides[s] plan.Features[s]

        let rest s =
            inOrder [ for i in 1 .. plan.Encoder[s] - 1 -> stage s i ]

        let first =
            if plan.IsResidual then
                inOrder [
                    unit "encoder.stem.convs.0" plan.Kernels[0] flat plan.Features[0]
                    inOrder [ for b in 0 .. plan.Encoder[0] - 1 -> stage 0 b ]
                ]
            else
                inOrder [ for i in 0 .. plan.Encoder[0] - 1 -> stage 0 i ]

        let up s =
            let stride = plan.Strides[s + 1]

            deconv 1 plan.Features[s]
            |> sized stride stride
            |> (if plan.Bias then id else withoutBias)
            |> one $"decoder.transpconvs.{last - 1 - s}"

        let decode s =
            let j = last - 1 - s

            inOrder [
                for i in 0 .. plan.Decoder[j] - 1 ->
                    unit $"decoder.stages.{j}.convs.{i}" plan.Kernels[s] flat plan.Features[s]
            ]

        let encode s = if s = 0 then first else rest s

        let levels = [
            for s in 0 .. last - 1 ->
                {
                    Encode = fst (encode s)
                    Down = fst (down (s + 1))
                    Skip = concatDecoderFirst
                    Up = fst (up s)
                    Decode = fst (decode s)
                }
        ]

        let whole = encoderDecoder levels (fst (rest last))
        // With two stages the last output of the decoder is the only one.
        let body = [ (if last > 1 then deepSupervision classify whole else whole); classify ]

        let make = if flat.Length = 2 then network2d else network3d

        make plan.Name body,
        [
            for s in 0 .. last - 1 do
                yield! snd (encode s)
                yield! snd (down (s + 1))

            yield! snd (rest last)

            for s in last - 1 .. -1 .. 0 do
                yield! snd (up s)
                yield! snd (decode s)

            for s in last - 1 .. -1 .. 0 do
                $"decoder.seg_layers.{last - 1 - s}"
        ]
