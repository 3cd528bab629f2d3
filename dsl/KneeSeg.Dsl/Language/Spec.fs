/// A network as plain data: comparable, printable, storable. Nothing here computes.
[<AutoOpen>]
module KneeSeg.Dsl.Spec

/// A size along each axis: a kernel, a stride, a dilation, a factor or a padding.
type Size =
    /// `Isotropic 3` is 3x3 on images and 3x3x3 on volumes.
    | Isotropic of int
    /// `InPlane 3` is 1x3x3 on volumes: it leaves depth alone, for slices that are thicker than pixels.
    | InPlane of int
    | Axes of depth: int * height: int * width: int

/// The number of output channels of a layer.
type Width =
    /// Scaled by width variants.
    | Channels of int
    /// The same under every width variant.
    | Exactly of int
    /// The input channels divided by n, rounded down, at least one; `Fraction 1` keeps the width.
    | Fraction of int
    /// n times the input channels.
    | Times of int
    /// The width of the other branches of the sum, product or attention gate that the layer stands in.
    | Matching
    /// One per class of the network.
    | Classes

/// How a convolution or pool pads its input.
type Padding =
    /// PyTorch's: equal on both sides. A kernel as large as its stride needs none.
    | Symmetric
    /// TensorFlow's `same`: as little as needed, the odd voxel after.
    | Same
    /// So many voxels before and after, of which there may be none; `InPlane` pads no depth. Of a transposed convolution, what it
    /// crops from its full result of (n - 1) * stride + kernel.
    | Explicit of before: Size * after: Size

/// The groups of a convolution.
type Groups =
    | Ungrouped
    | Grouped of groups: int
    /// One group per input channel.
    | Depthwise

/// A convolution or a transposed convolution.
type Conv = {
    Out: Width
    Kernel: Size
    Stride: Size
    Dilation: Size
    Padding: Padding
    Groups: Groups
    Bias: bool
    /// Each filter is used with mean 0 and variance 1 (Qiao et al. 2019).
    Standardized: bool
}

/// The kind of a normalization.
type NormKind =
    /// Ioffe and Szegedy 2015.
    | BatchNorm
    /// Ulyanov et al. 2016.
    | InstanceNorm
    /// Wu and He 2018.
    | GroupNorm of groups: int
    /// Group norm with the largest number of groups, up to so many, that divides the width.
    | GroupNormUpTo of groups: int
    /// Layer norm over the channels of each voxel, as in ViT and ConvNeXt (Ba et al. 2016).
    | ChannelLayerNorm

/// A normalization layer.
type Norm = {
    Kind: NormKind
    /// Added to the variance.
    Epsilon: float
    /// The weight of a new batch in the running statistics, as in PyTorch (Keras: 1 - momentum).
    Momentum: float
    /// Learns a factor per channel.
    Gamma: bool
    /// Learns an offset per channel.
    Beta: bool
}

/// How several voxels become one.
type Reduction =
    | Average
    | Max

/// The windows that attention stays inside (Liu et al. 2021).
type AttentionWindow = {
    Size: Size
    /// Moved by half a window, so that voxels on both sides of a border meet.
    Shifted: bool
}

/// Multi-head attention (Vaswani et al. 2017).
type Attention = {
    Heads: int
    /// None: every voxel attends to all others.
    Window: AttentionWindow option
}

/// A pooling layer.
type Pool = { Reduction: Reduction; Size: Size; Stride: Size; Padding: Padding }

/// What a reduction is over.
type ReducedAxes =
    | OverDepth
    /// Over a depth of just so many slices, which the network's input then has to have.
    | OverSlices of count: int
    /// The result is a map of one channel.
    | OverChannels
    /// Every axis: the result is a vector.
    | Global

/// The order of channels that were the voxels of a block, which are in row-major order.
type BlockOrder =
    /// All channels of the first voxel, then those of the next, as in Swin's patch merging.
    | VoxelByVoxel
    /// All voxels of the first channel, then those of the next, as in PyTorch's pixel shuffle.
    | ChannelByChannel

/// A layer: one feature map in, one out, no structure.
/// A vector is a feature map of a single voxel; on it, a convolution with kernel 1 is a dense layer.
type Layer =
    | Conv of Conv
    /// The transposed convolution; `Stride` is the upsampling factor.
    | Deconv of Conv
    | Norm of Norm
    /// Raises the channels that respond more than the average one, and adds the input (Woo et al. 2023). Its factor and offset
    /// per channel begin at zero; epsilon is added to the average.
    | GlobalResponseNorm of epsilon: float
    | Activation of Activation
    /// Zeroes whole channels with this probability, in training only (PyTorch's Dropout2d and Dropout3d).
    | ChannelDropout of rate: float
    /// Zeroes single elements with this probability, in training only (PyTorch's Dropout).
    | Dropout of rate: float
    /// Zeroes the whole feature map of an image with this probability, in training only (Huang et al. 2016).
    | StochasticDepth of rate: float
    | Pool of Pool
    /// Zeros before and after; negative numbers crop, and `InPlane` leaves depth alone.
    | Pad of before: Size * after: Size
    | UpsampleNearest of Size
    /// `alignCorners` as in PyTorch.
    | UpsampleLinear of by: Size * alignCorners: bool
    /// Repeats the input channels until there are so many.
    | TileChannels of Width
    /// Zeros before and after the input channels, half of them each, until there are so many; an odd one after.
    | PadChannels of Width
    /// One of so many equal groups of the input channels, counted from 0.
    | ChannelGroup of index: int * groups: int
    /// The voxels of each block become channels of one voxel.
    | SpaceToChannels of block: Size * order: BlockOrder
    /// The inverse.
    | ChannelsToSpace of block: Size * order: BlockOrder
    | Reduce of Reduction * ReducedAxes
    /// The index of the largest of each voxel's channels, as a map of one channel; it passes no gradient on.
    | ArgmaxOverChannels
    /// The averages of so many cells along every axis, flattened to a vector: channels, then cells.
    | AdaptiveAvgPool of cells: int
    /// Between the queries, keys and values of voxels: three equal parts of the channels, in this order. Windows add learned
    /// biases to the queries, keys and values, and to the scores for each relative position.
    | Attention of Attention
    /// Adds a learned map of so many voxels, resized linearly where the feature map has another size.
    | PositionEmbedding of Size
    /// In a level's `Up`: returns each value to where its maximum was in the max pool that ends the level's `Down`
    /// (Badrinarayanan et al. 2017).
    | Unpool

/// How several feature maps become one. A vector is broadcast over all voxels, and in a sum or product a single channel
/// over all channels.
type Join =
    | Concat
    | Add
    | Multiply

/// An input of the network beside the image.
type AuxiliaryInput =
    /// The patch's position in the volume: three numbers from -1 to 1, along depth, height and width.
    | Position

/// Blocks one after another whose outputs are all concatenated (Huang et al. 2017).
type DenseBlock = {
    /// Each step receives the input and all previous outputs; otherwise only the previous output.
    AllPrevious: bool
    /// The block's input is part of its output.
    IncludeInput: bool
    Steps: Block list
}

/// A block: one feature map in, one out.
and Block =
    | Layer of Layer
    /// One after another.
    | Chain of Block list
    /// In parallel on the same input, then joined.
    | Branches of Join * Block list
    | DenseBlock of DenseBlock
    /// The same weights again and again: `y = b x`, then `times` more of `y = b (x + y)` (Alom et al. 2018).
    | Recurrent of times: int * Block
    | EncoderDecoder of EncoderDecoder
    /// An auxiliary input, in place of the feature map.
    | Input of AuxiliaryInput
    /// The output of an earlier stage, in place of the feature map: of the stages with this name the nearest, and of
    /// these the last.
    | Recall of stage: string
    /// The same weights wherever this name stands in the same stage or the same field of a level.
    | Tied of name: string * Block
    /// The same weights wherever this name stands in the network.
    | Shared of name: string * Block
    /// A name, for people, parameters and diagrams.
    | Stage of name: string * Block
    /// A further output: the feature map passes on unchanged.
    | Output of OutputSpec

/// A named output of the network. In training it is compared with its target; predicting computes it only where asked to.
and OutputSpec = {
    Name: string
    Target: OutputTarget
    /// From the feature map to the output.
    Head: Block
}

/// An encoder-decoder: its levels, the finest first.
and EncoderDecoder = {
    Levels: Level list
    Bottleneck: Block
    /// With a head, the decoder outputs before the last are trained against the labels too (deep supervision, Lee et al.
    /// 2015); heads do not exist when predicting.
    Head: Block option
}

/// One resolution of an encoder-decoder.
and Level = {
    /// Before downsampling.
    Encode: Block
    /// Downsampling.
    Down: Block
    /// From the encoder to the decoder.
    Skip: Skip
    /// Upsampling.
    Up: Block
    /// After upsampling and the skip connection.
    Decode: Block
}

/// What goes from a level's encoder to its decoder.
and Skip =
    | NoSkip
    | Skip of SkipConnection

/// A connection from encoder to decoder.
and SkipConnection = {
    /// Applied to the encoder's feature map.
    Via: Block
    /// An attention gate (Oktay et al. 2018).
    Gate: Gate option
    Join: Join
    /// Concatenates the upsampled feature map before the skip, instead of after it.
    DecoderFirst: bool
    /// UNet++ (Zhou et al. 2018): one output for every output of the level below, each joined to all earlier ones here.
    Nested: bool
}

/// An attention gate: `encoder * mask (encoder' + decoder')`.
and Gate = { Encoder: Block; Decoder: Block; Mask: Block }

/// The spatial dimensions of a network.
type SpatialDims =
    | TwoD
    | ThreeD

/// A network, for any number of input channels and classes. It outputs logits: sigmoid and softmax belong to the loss and to
/// prediction.
type Network = {
    Name: string
    /// The variants applied, in order.
    Variants: string list
    SpatialDims: SpatialDims
    Body: Block
} with

    /// The name and its variants, such as `vnet+small+relative`.
    member network.FullName = String.concat "+" (network.Name :: network.Variants)
