/// The words a network is written in.
[<AutoOpen>]
module KneeSeg.Dsl.Words

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Blocks

// Convolutions

let private kernel size stride out = {
    Out = out
    Kernel = Isotropic size
    Stride = Isotropic stride
    Dilation = Isotropic 1
    Padding = Symmetric
    Groups = Ungrouped
    Bias = true
    Standardized = false
}

/// The width of the input.
let sameChannels = Fraction 1

/// A convolution with any kind of width: `convTo sameChannels 3`.
let convTo width size = Layer(Conv(kernel size 1 width))

/// A convolution: `conv 3 64` has kernels of 3 along every axis and 64 filters.
let conv size filters = convTo (Channels filters) size

/// A transposed convolution with stride 2 and any kind of width.
let deconvTo width size = Layer(Deconv(kernel size 2 width))

/// A transposed convolution with stride 2: `deconv 2 64` has kernels of 2 along every axis and 64 filters.
let deconv size filters = deconvTo (Channels filters) size

/// A convolution with kernel 1 to one channel per class: how a network ends.
let classify = convTo Classes 1

/// A dense layer, for vectors; width variants leave it alone.
let dense units = convTo (Exactly units) 1

/// The same block with this stride in every convolution and pool.
let strided stride =
    rewriteConvs (fun conv -> { conv with Stride = Isotropic stride })
    >> rewritePools (fun pool -> { pool with Stride = Isotropic stride })

/// Refuses a block without a layer that a word can change.
let private demand word what example (can: Layer -> bool) block =
    let isSuch block =
        match block with
        | Layer layer -> can layer
        | _ -> false

    if Limits.holds block && not (has isSuch block) then
        raise (
            MisusedWord($"`{word}` needs {what}, and this block has none", $"Write, for example, `{example}`")
        )

let private changeConvs word example change block =
    block
    |> demand word "a convolution" example (fun layer -> layer.IsConv || layer.IsDeconv)

    block |> rewriteConvs change

/// The same block with this dilation in every convolution (Yu and Koltun 2016).
let dilated rate block =
    block
    |> changeConvs "dilated" "dilated 2 (conv 3 8)" (fun conv -> { conv with Dilation = Isotropic rate })

/// The same block with convolutions in so many groups of channels, each of which sees its own alone (Xie et al. 2017).
let grouped groups block =
    block
    |> changeConvs "grouped" "grouped 4 (conv 3 8)" (fun conv -> { conv with Groups = Grouped groups })

/// The same block with depthwise convolutions, whose outputs see one channel each (Chollet 2017).
let depthwise block =
    block
    |> changeConvs "depthwise" "depthwise (convTo sameChannels 3)" (fun conv -> {
        conv with
            Groups = Depthwise
    })

/// The same block with kernels of this size along depth, height and width, in every convolution and pool.
let withKernel (depth, height, width) block =
    block
    |> demand "withKernel" "a convolution or a pool" "conv 3 8 |> withKernel (1, 3, 3)" (fun layer ->
        layer.IsConv || layer.IsDeconv || layer.IsPool)

    let size = Axes(depth, height, width)

    block
    |> rewriteConvs (fun conv -> { conv with Kernel = size })
    |> rewritePools (fun pool -> { pool with Size = size })

/// The same block moving by this many voxels along depth, height and width: the stride of every convolution and pool, the factor
/// of upsampling, and the blocks of `spaceToChannels` and its like.
let withStride (depth, height, width) block =
    block
    |> demand
        "withStride"
        "a convolution, a pool, upsampling or a word that moves voxels to channels"
        "conv 3 8 |> withStride (1, 2, 2)"
        (fun layer ->
            match layer with
            | Conv _
            | Deconv _
            | Pool _
            | UpsampleNearest _
            | UpsampleLinear _
            | SpaceToChannels _
            | ChannelsToSpace _ -> true
            | _ -> false)

    let size = Axes(depth, height, width)

    block
    |> rewriteConvs (fun conv -> { conv with Stride = size })
    |> rewritePools (fun pool -> { pool with Stride = size })
    |> rewriteUpsampling (fun _ -> size)
    |> rewriteBlockSizes (fun _ -> size)

/// The same block with kernels, strides and factors that leave depth alone, for slices that are thicker than pixels:
/// `inPlane (conv 3 8)` has 1x3x3 kernels.
let inPlane =
    let flat size =
        match size with
        | Isotropic n
        | InPlane n -> InPlane n
        | Axes(_, h, w) -> Axes(1, h, w)

    let flatSides size =
        match size with
        | Axes(_, h, w) -> Axes(0, h, w)
        | size -> flat size

    let padding padding =
        match padding with
        | Explicit(before, after) -> Explicit(flatSides before, flatSides after)
        | padding -> padding

    let kernel conv = {
        conv with
            Kernel = flat conv.Kernel
            Stride = flat conv.Stride
            Padding = padding conv.Padding
    }

    rewriteLayers (function
        | Conv conv -> Conv { kernel conv with Dilation = flat conv.Dilation }
        | Deconv conv -> Deconv(kernel conv)
        | Pad(before, after) -> Pad(flatSides before, flatSides after)
        | layer -> layer)
    >> rewritePools (fun pool -> {
        pool with
            Size = flat pool.Size
            Stride = flat pool.Stride
            Padding = padding pool.Padding
    })
    >> rewriteUpsampling flat
    >> rewriteBlockSizes flat

/// The same block with convolutions that have no bias.
let withoutBias = rewriteConvs (fun conv -> { conv with Bias = false })

/// The same block with convolutions whose kernels are standardized: each filter is used with mean 0 and variance 1, to which 1e-5
/// is added (Qiao et al. 2019).
let weightStandardized block =
    block
    |> demand "weightStandardized" "a convolution" "weightStandardized (conv 3 8)" _.IsConv

    block
    |> rewriteLayers (function
        | Conv conv -> Conv { conv with Standardized = true }
        | layer -> layer)

/// The same block with TensorFlow's `same` padding: as little as needed, the odd voxel after. Even kernels are allowed.
let samePadding =
    rewriteConvs (fun conv -> { conv with Padding = Same })
    >> rewritePools (fun pool -> { pool with Padding = Same })

/// The same block with convolutions and pools padded by so many voxels before and after along every axis: `padded 0 0` is
/// PyTorch's default. Of a transposed convolution it is what is cropped, so PyTorch's padding p with output_padding o is
/// `padded p (p - o)`.
let padded before after =
    let padding = Explicit(Isotropic before, Isotropic after)

    rewriteConvs (fun conv -> { conv with Padding = padding })
    >> rewritePools (fun pool -> { pool with Padding = padding })

/// So many voxels of zeros before and after along every axis.
let zeroPad before after =
    Layer(Pad(Isotropic before, Isotropic after))

/// Leaves out so many voxels before and after along every axis.
let crop before after = zeroPad -before -after

// Normalization

let private norm kind =
    Layer(Norm { Kind = kind; Epsilon = 1e-5; Momentum = 0.1; Gamma = true; Beta = true })

/// Batch normalization (Ioffe and Szegedy 2015).
let batchNorm = norm BatchNorm

/// Instance normalization (Ulyanov et al. 2016), with gamma and beta; PyTorch's has neither unless `affine=True`.
let instanceNorm = norm InstanceNorm

/// Group normalization (Wu and He 2018).
let groupNorm groups = norm (GroupNorm groups)

/// Group normalization with the largest number of groups, up to so many, that divides the channels: it stays legal under
/// width variants.
let groupNormUpTo groups = norm (GroupNormUpTo groups)

/// Layer normalization (Ba et al. 2016) over all channels and voxels of an image: `groupNorm 1`. That of ViT and ConvNeXt is
/// `channelLayerNorm`.
let layerNorm = groupNorm 1

/// Layer normalization over the channels of each voxel, as in ViT and ConvNeXt: PyTorch's LayerNorm on the channel axis.
let channelLayerNorm = norm ChannelLayerNorm

/// Global response normalization, as in ConvNeXt V2 and MedNeXt V2 (Woo et al. 2023).
let globalResponseNorm = Layer(GlobalResponseNorm 1e-6)

/// The same block with norms that learn no factor (gamma).
let withoutGamma = rewriteNorms (fun norm -> { norm with Gamma = false })

/// The same block with norms that learn neither factor nor offset, as PyTorch's with `affine=False`.
let withoutAffine =
    rewriteNorms (fun norm -> { norm with Gamma = false; Beta = false })

/// The same block with norms that add this to the variance; 1e-5 unless changed.
let epsilon small =
    rewriteNorms (fun norm -> { norm with Epsilon = small })

/// The same block with batch norms that give a new batch this weight in the running statistics: 0.1 unless changed, as in
/// PyTorch. Keras counts the other way: its momentum of 0.99 is 0.01 here.
let momentum weight =
    rewriteNorms (fun norm -> { norm with Momentum = weight })

// Activations

/// max(x, 0).
let relu = Layer(Activation Relu)
/// ReLU with this slope below zero.
let leakyRelu slope = Layer(Activation(LeakyRelu slope))
/// ReLU with a learned slope per channel (He et al. 2015).
let prelu = Layer(Activation PRelu)
/// ReLU with one learned slope for all channels: PyTorch's PReLU as it is.
let singlePrelu = Layer(Activation SinglePRelu)
/// x above zero, exp(x) - 1 below (Clevert et al. 2016).
let elu = Layer(Activation Elu)
/// x above zero, alpha (exp(x / alpha) - 1) below (Barron 2017).
let celu alpha = Layer(Activation(Celu alpha))
/// Self-normalizing ELU (Klambauer et al. 2017).
let selu = Layer(Activation Selu)
/// ReLU up to 6: min(max(x, 0), 6).
let relu6 = Layer(Activation Relu6)
/// x times the normal distribution's probability of less (Hendrycks and Gimpel 2016): PyTorch's GELU as it is.
let gelu = Layer(Activation Gelu)
/// GELU by a hyperbolic tangent: PyTorch's with `approximate="tanh"`.
let geluTanh = Layer(Activation GeluTanh)
/// x times its logistic function, also called swish: `gatedBy sigmoid` in less memory.
let silu = Layer(Activation Silu)
/// SiLU by line segments: x times `hardSigmoid` (Howard et al. 2019).
let hardSwish = Layer(Activation HardSwish)
/// x times the hyperbolic tangent of its softplus (Misra 2019).
let mish = Layer(Activation Mish)
/// log(1 + exp(x)), which is always above zero.
let softplus = Layer(Activation Softplus)
/// The logistic function, from 0 to 1.
let sigmoid = Layer(Activation Sigmoid)
/// The logistic function by line segments: x / 6 + 1 / 2, held within 0 and 1.
let hardSigmoid = Layer(Activation HardSigmoid)
/// The hyperbolic tangent, from -1 to 1.
let tanhActivation = Layer(Activation Tanh)
/// x held within -1 and 1.
let hardTanh = Layer(Activation HardTanh)
/// The softmax of each voxel's channels: PyTorch's Softmax with `dim=1`.
let channelSoftmax = Layer(Activation ChannelSoftmax)

// Dropout

/// Zeroes whole channels with this probability, in training only: PyTorch's Dropout2d and Dropout3d.
let channelDropout rate = Layer(ChannelDropout rate)

/// Zeroes single elements with this probability, in training only: PyTorch's Dropout.
let dropout rate = Layer(Dropout rate)

/// Zeroes the whole feature map of an image with this probability and scales the others up, in training only: before the sum of a
/// residual, the residual is skipped (Huang et al. 2016; also called drop path).
let stochasticDepth rate = Layer(StochasticDepth rate)

// Downsampling and upsampling

let private pool reduction size =
    Layer(
        Pool {
            Reduction = reduction
            Size = Isotropic size
            Stride = Isotropic size
            Padding = Symmetric
        }
    )

/// Max pooling with the stride of its kernel.
let maxPool size = pool Max size

/// Average pooling with the stride of its kernel.
let avgPool size = pool Average size

/// Max unpooling, in a level's `Up`: returns each value to where its maximum was in the max pool that ends the level's
/// `Down`, zeros elsewhere (Badrinarayanan et al. 2017).
let unpool = Layer Unpool

/// Nearest-neighbor upsampling.
let upsampleNearest factor =
    Layer(UpsampleNearest(Isotropic factor))

/// Bilinear or trilinear upsampling; PyTorch's with `align_corners=False`.
let upsampleLinear factor =
    Layer(UpsampleLinear(Isotropic factor, false))

/// Bilinear or trilinear upsampling; PyTorch's with `align_corners=True`.
let upsampleLinearAligned factor =
    Layer(UpsampleLinear(Isotropic factor, true))

/// Repeats the input channels up to the width of the other branches of a sum: a shortcut without weights.
let tileChannels = Layer(TileChannels Matching)

/// Adds channels of zeros up to the width of the other branches of a sum, half before and half after the input's: a shortcut
/// without weights.
let padChannels = Layer(PadChannels Matching)

/// The i-th, from 0, of n equal groups of the input channels.
let channelGroup i n = Layer(ChannelGroup(i, n))

/// Each block of n voxels along every axis becomes the channels of one voxel, those of its first voxel first: Swin's patch
/// merging. In 3D, n 2 makes eight times the channels.
let spaceToChannels n =
    Layer(SpaceToChannels(Isotropic n, VoxelByVoxel))

/// The inverse of `spaceToChannels`.
let channelsToSpace n =
    Layer(ChannelsToSpace(Isotropic n, VoxelByVoxel))

/// PyTorch's PixelUnshuffle, in 2D or 3D: each block of n voxels along every axis becomes channels, those of the first input
/// channel first.
let pixelUnshuffle n =
    Layer(SpaceToChannels(Isotropic n, ChannelByChannel))

/// PyTorch's PixelShuffle, in 2D or 3D (Shi et al. 2016): the inverse of `pixelUnshuffle`.
let pixelShuffle n =
    Layer(ChannelsToSpace(Isotropic n, ChannelByChannel))

/// The average over depth: a single slice.
let avgOverDepth = Layer(Reduce(Average, OverDepth))

/// The average over a depth of just so many slices, which the network's input then has to have: a single slice.
let avgOverSlices count =
    Layer(Reduce(Average, OverSlices count))

/// The average over the channels of each voxel: a map of one channel.
let avgOverChannels = Layer(Reduce(Average, OverChannels))

/// The largest of the channels of each voxel: a map of one channel.
let maxOverChannels = Layer(Reduce(Max, OverChannels))

/// The index, from 0, of the largest of each voxel's channels: a map of one channel, which passes no gradient on.
let argmaxOverChannels = Layer ArgmaxOverChannels

/// Global average pooling (Lin et al. 2014): the average of each channel, as a vector.
let globalAvgPool = Layer(Reduce(Average, Global))

/// Global max pooling: the largest voxel of each channel, as a vector.
let globalMaxPool = Layer(Reduce(Max, Global))

/// Adaptive average pooling to so many cells along every axis, flattened to a vector: channels, then cells.
let adaptiveAvgPool cells = Layer(AdaptiveAvgPool cells)

// Compositions

/// One after another.
let chain blocks = Blocks.chain blocks

/// The input, unchanged.
let identity = Chain []

/// The same block n times, one after another, each with its own weights.
let repeat n block =
    // More than a spec may have are refused as they are, without making them all.
    chain (List.replicate (min n (Limits.blocks + 1)) block)

/// Parallel branches on the same input, concatenated.
let branches blocks = Branches(Concat, blocks)

/// The sum of a body and a shortcut around it (He et al. 2016): `shortcut (convTo Matching 1) body` projects the input to
/// the body's width.
let shortcut path body = Branches(Add, [ path; body ])

/// The input plus the block's output (He et al. 2016).
let residual body = shortcut identity body

/// The input times a gate computed from it; `gatedBy sigmoid` is `silu`.
let gatedBy gate = Branches(Multiply, [ identity; gate ])

// Attention between voxels

/// Scaled dot-product attention (Vaswani et al. 2017) between queries, keys and values: three equal parts of the channels, in
/// this order. They can come from one projection, as in `selfAttention`, or from `branches` on different feature maps.
let dotProductAttention heads =
    Layer(Attention { Heads = heads; Window = None })

/// Multi-head self-attention between all voxels, with its projections: PyTorch's MultiheadAttention on one feature map.
let selfAttention heads =
    chain [ convTo (Times 3) 1; dotProductAttention heads; convTo sameChannels 1 ]

let private inWindows shifted heads size =
    let window = { Size = Isotropic size; Shifted = shifted }

    chain [
        // The bias is the attention's, which gives it to the padding of windows too.
        Layer(Conv { kernel 1 1 (Times 3) with Bias = false })
        Layer(Attention { Heads = heads; Window = Some window })
        convTo sameChannels 1
    ]

/// Multi-head self-attention between the voxels of each window, with a learned bias for each relative position (Liu et al.
/// 2021): `windowAttention 3 7` has 3 heads and windows of 7 along every axis.
let windowAttention heads size = inWindows false heads size

/// `windowAttention` in windows that are moved by half their size, so that voxels on both sides of a border meet.
let shiftedWindowAttention heads size = inWindows true heads size

/// Adds a learned map of so many voxels along every axis, the position embedding of ViT (Dosovitskiy et al. 2021). Where the
/// feature map has another size, it is resized linearly.
let positionEmbedding size =
    Layer(PositionEmbedding(Isotropic size))

/// A transformer block with norms first, as in ViT and Swin: attention, then a perceptron for each voxel whose hidden width
/// is a multiple of the input's, each behind a layer norm and with a residual connection around it.
let transformerBlock mlpRatio attention =
    chain [
        residual (chain [ channelLayerNorm; attention ])
        residual (chain [ channelLayerNorm; convTo (Times mlpRatio) 1; gelu; convTo Matching 1 ])
    ]

/// A dense block (Huang et al. 2017): each step receives the input and all previous outputs, and the block outputs them
/// all.
let denseBlock steps =
    DenseBlock { AllPrevious = true; IncludeInput = true; Steps = steps }

/// A dense block that outputs only the features its steps added.
let denseFeatures steps =
    DenseBlock { AllPrevious = true; IncludeInput = false; Steps = steps }

/// One after another, with all outputs concatenated.
let keepAll steps =
    DenseBlock { AllPrevious = false; IncludeInput = false; Steps = steps }

/// A recurrent block (Alom et al. 2018): `n` more times on the sum of its input and its own output, with the same weights.
let recurrent n block = Recurrent(n, block)

/// The same weights wherever this name stands in the same stage or the same field of a level.
let tied name block = Tied(name, block)

/// The same weights wherever this name stands in the network, as in Siamese encoders.
let shared name block = Shared(name, block)

/// A named part of the network.
let stage name blocks = Stage(name, chain blocks)

/// The output of an earlier stage, in place of the feature map: of the stages with this name the nearest.
let recall name = Recall name

/// A further output of the network with a name: the feature map passes on unchanged, and in training what the head makes of
/// it is compared with the labels, or with what `against` says. A head of `identity` makes the feature map itself an output.
let output name head =
    Output { Name = name; Target = Labels; Head = head }

/// The same output with another target: `output "boundary" (conv 1 1) |> against SignedDistance`.
let against target block =
    match block with
    | Output spec -> Output { spec with Target = target }
    | _ ->
        raise (
            MisusedWord(
                "`against` needs an output, and this block is none",
                "Write, for example, `output \"boundary\" (conv 1 1) |> against SignedDistance`"
            )
        )

/// An encoder-decoder (Ronneberger et al. 2015): its levels, the finest first, and its bottleneck.
let encoderDecoder levels bottleneck =
    EncoderDecoder { Levels = levels; Bottleneck = bottleneck; Head = None }

/// Levels of these widths but the last, which is the bottleneck's: each is made of its own width and the next, as in
/// `encoderDecoder (levelsOf level [ 32; 64; 128 ]) (conv 3 128)`.
let levelsOf (level: 'Width -> 'Width -> Level) widths =
    if List.length widths < 2 then
        raise (
            MisusedWord(
                "`levelsOf` makes a level of each width but the last, and here is no other",
                "Write, for example, `levelsOf level [ 16; 32; 64 ]`"
            )
        )

    [ for own, below in List.pairwise widths -> level own below ]

/// The same block with deep supervision (Lee et al. 2015): in training, every decoder output of its encoder-decoder, not
/// just the last, goes through a head with its own weights and is compared with the labels.
let deepSupervision head block =
    block
    |> tryRewriteFirstEncoderDecoder (fun spec -> { spec with Head = Some head })
    // The elaborator reports a head without levels.
    |> Option.defaultValue (EncoderDecoder { Levels = []; Bottleneck = block; Head = Some head })

/// Reduces a vector to one number (dense, then tanh) and adds it to every voxel.
let addScalar vector =
    shortcut (stage "told" [ vector; dense 1; tanhActivation ]) identity

/// The patch's position in the volume, through two dense layers: a vector of 4.
let position = chain [ Input Position; dense 16; relu; dense 4; relu ]

// Skip connections

let private connection join = {
    Via = identity
    Gate = None
    Join = join
    DecoderFirst = false
    Nested = false
}

/// A skip connection that concatenates the encoder's feature map before the upsampled one.
let concat = Skip(connection Concat)

/// A skip connection that concatenates the encoder's feature map after the upsampled one.
let concatDecoderFirst = Skip { connection Concat with DecoderFirst = true }

/// A skip connection that adds the encoder's feature map (LinkNet, Chaurasia and Culurciello 2017).
let add = Skip(connection Add)

/// The same skip connection through a block.
let via block skip =
    Tree.mapSkip (fun connection -> { connection with Via = block }) skip

/// The attention gate of Oktay et al. 2018 as in wide use: both feature maps projected to half the encoder's width and
/// summed; one mask for all channels.
let attention = {
    Encoder = chain [ convTo (Fraction 2) 1; batchNorm ]
    Decoder = chain [ convTo Matching 1; batchNorm ]
    Mask = chain [ relu; convTo (Exactly 1) 1; batchNorm; sigmoid ]
}

// Backbones

/// An encoder-decoder on a backbone, such as a ResNet: wherever the backbone downsamples there is a level, with a decoder of
/// the list, the finest first. It upsamples to the nearest neighbor by the same factor and concatenates the encoder's feature
/// map behind; the first level has no skip connection where nothing stands before the first downsampling.
let encoderDecoderOn backbone decoders =
    let refuse what fix = raise (MisusedWord(what, fix))

    if not (Limits.holds backbone) then
        encoderDecoder [] backbone
    else
        match Backbone.resolutions backbone with
        | None ->
            refuse
                "`encoderDecoderOn` needs a backbone that ends as a feature map of its own, and this one ends as a vector or recalls another"
                "End it before `globalAvgPool` and what follows"
        | Some { Downs = [] } ->
            refuse
                "`encoderDecoderOn` needs a backbone that downsamples, and this one does nowhere"
                "Give it pools or strides, for example `strided 2 (conv 3 32)`"
        | Some { Downs = downs } when downs.Length <> List.length decoders ->
            let places = [ for down, _, _ in downs -> Backbone.name down ] |> String.concat ", "

            refuse
                $"`encoderDecoderOn` needs a decoder for each of the {downs.Length} places where the backbone downsamples, and here are {List.length decoders}"
                $"Give {downs.Length}, the finest first: it downsamples at {places}"
        | Some { First = first; Downs = downs } ->
            let after = [ for _, _, rest in downs -> rest ]

            let level encode (down, by, _) decode = {
                Encode = encode
                Down = down
                Skip = concatDecoderFirst
                Up = Layer(UpsampleNearest by)
                Decode = decode
            }

            let levels =
                List.map3 level (first :: List.take (downs.Length - 1) after) downs decoders

            let levels =
                if first = identity then
                    { levels.Head with Skip = NoSkip } :: levels.Tail
                else
                    levels

            encoderDecoder levels (List.last after)

// Networks

let private network dims name blocks = { Name = name; Variants = []; SpatialDims = dims; Body = chain blocks }

/// A network for images.
let network2d name blocks = network TwoD name blocks

/// A network for volumes.
let network3d name blocks = network ThreeD name blocks

/// The same network under another name, which says nothing of variants.
let named name (network: Network) = { network with Name = name; Variants = [] }
