/// The graph of a network: primitive operations in the order they run, with every shape worked out.
/// Arrays and plain records throughout, so that a backend in C# reads it without an F# collection.
namespace KneeSeg.Dsl

/// Channels, and per axis the stride with respect to the network's input and the voxels beyond the input's size divided by it:
/// mostly 0, and negative where convolutions without padding left fewer. A stride of 0 is a single voxel on that axis.
type Shape = { Channels: int; Stride: int[]; Extra: int[] }

module internal Shape =
    /// A feature map with the same stride on all axes: 1 for the input's size, 0 for a vector.
    let plain axes stride channels = {
        Channels = channels
        Stride = Array.create axes stride
        Extra = Array.zeroCreate axes
    }

module internal Kernel =
    /// The extent of a dilated kernel, in voxels.
    let reach kernel dilation = dilation * (kernel - 1) + 1

module internal Rounded =
    /// The quotient, rounded down.
    let down a b =
        if a >= 0 then a / b else -((-a + b - 1) / b)

    /// The quotient, rounded up.
    let up a b = -(down -a b)

/// A convolution or a transposed one. `Before` and `After` are the padding on each axis; a transposed convolution crops so
/// much from its full result of (n - 1)·stride + kernel.
type ConvOp = {
    In: int
    Out: int
    Kernel: int[]
    Stride: int[]
    Dilation: int[]
    Before: int[]
    After: int[]
    Groups: int
    Bias: bool
    /// Each filter is used with mean 0 and variance 1, to which 1e-5 is added; never of a transposed convolution.
    Standardized: bool
} with

    /// The extent of the dilated kernel along an axis, in voxels.
    member op.Reach axis =
        Kernel.reach op.Kernel[axis] op.Dilation[axis]

/// A pooling, with its padding on each axis.
type WindowOp = { Size: int[]; Stride: int[]; Before: int[]; After: int[] }

/// What the statistics of a normalization are computed over.
[<RequireQualifiedAccess>]
type NormOpKind =
    /// The batch in training; running statistics when predicting.
    | Batch
    | Instance
    | Group of Groups: int
    /// The channels of each voxel.
    | ChannelLayer

/// A normalization. `Gamma` and `Beta` say what it learns; `Momentum` is the weight of a new batch in the running statistics.
type NormOp = {
    Kind: NormOpKind
    Channels: int
    Epsilon: float
    Momentum: float
    Gamma: bool
    Beta: bool
}

/// Attention between voxels of queries, keys and values, `Channels` of each.
type AttentionOp = {
    Channels: int
    Heads: int
    /// The windows that it stays inside, along each axis; empty where every voxel attends to all others.
    Window: int[]
    /// Windows are moved by half their size.
    Shifted: bool
} with

    member op.HasWindow = op.Window.Length > 0

    /// The windows on a feature map of a size, which are no larger than the map.
    member op.WindowOn(size: int[]) =
        if op.HasWindow then Array.map2 min op.Window size else size

/// What dropout zeroes as one: single elements, whole channels, or the whole feature map of an image.
[<RequireQualifiedAccess>]
type DropoutUnit =
    | Element
    | Channel
    | Image

/// A primitive operation. `Add` and `Multiply` broadcast: an argument may have one channel, or one voxel on an axis.
[<RequireQualifiedAccess>]
type Op =
    | Input of Name: string
    | Conv of Of: ConvOp
    | Deconv of Of: ConvOp
    | Norm of Of: NormOp
    | GlobalResponseNorm of Channels: int * Epsilon: float
    | Activation of Of: Activation * Channels: int
    /// Zeroes units with this probability and scales the others up, in training only.
    | Dropout of Rate: float * Unit: DropoutUnit
    | MaxPool of Of: WindowOp
    | AvgPool of Of: WindowOp
    /// Arguments: the feature map, then the max pool whose indices it uses.
    | Unpool of Of: WindowOp
    /// Zeros before and after on each axis; negative numbers crop.
    | Pad of Before: int[] * After: int[]
    | UpsampleNearest of Factor: int[]
    /// `AlignCorners` as in PyTorch.
    | UpsampleLinear of Factor: int[] * AlignCorners: bool
    /// The same channels so many times: [a, b] becomes [a, b, a, b].
    | TileChannels of Times: int
    /// Channels of zeros before and after.
    | PadChannels of Before: int * After: int
    /// One of equal groups of channels, counted from 0.
    | ChannelGroup of Index: int * Groups: int
    /// The voxels of each block, in row-major order, become channels of one voxel: all channels of the first voxel, then those
    /// of the next, or all voxels of the first channel, then those of the next.
    | SpaceToChannels of Block: int[] * VoxelByVoxel: bool
    /// The inverse.
    | ChannelsToSpace of Block: int[] * VoxelByVoxel: bool
    | Concat
    | Add
    | Multiply
    /// The mean over these axes, which keep one voxel.
    | Mean of Axes: int[]
    | Max of Axes: int[]
    | MeanOverChannels
    | MaxOverChannels
    /// The index of the largest channel, as a number; no gradient.
    | ArgmaxOverChannels
    /// The means of so many cells along every axis, as a vector of channels times cells, cells in row-major order
    /// within each channel.
    | AdaptiveAvgPool of Cells: int
    | Attention of Of: AttentionOp
    /// Adds a learned map of so many voxels along each axis, resized linearly to the argument's size.
    | PositionEmbedding of Channels: int * Size: int[]
    /// Broadcasts the first argument, of one voxel, over the axes of the second.
    | Broadcast
    /// A vector to a vector.
    | Dense of Inputs: int * Outputs: int * Bias: bool

/// One step of a network. Nodes with the same `Weights` share them; "" has none.
type Node = {
    Id: int
    Op: Op
    Args: int[]
    /// Where in the spec this came from. Unique in a graph.
    Path: Step[]
    /// The stage whose weights this uses: its own, or the one it shares with.
    Weights: string
    Shape: Shape
    /// Only named outputs need it: it runs in training, and in predicting only for an output that is asked for.
    InHead: bool
} with

    /// The path as text, such as "level 2/decode/conv 1".
    member node.Stage = Path.text node.Path

/// A further output: what is trained beside the network's own, and can be predicted by its name.
type NamedOutput = {
    Name: string
    Node: int
    Target: OutputTarget
} with

    /// What the network's own output is called beside the named ones; none of them has this name.
    static member Own = "segmentation"

/// A whole network, for any input size that is a multiple of `Multiple`.
type Graph = {
    Name: string
    /// Names the architecture: equal for networks that compute the same, whatever they are called.
    Hash: string
    /// 2 or 3.
    Axes: int
    Channels: int
    Classes: int
    Nodes: Node[]
    Output: int
    /// Further outputs in the order in which they are made; those of deep supervision, called "deep 1" and so on, the coarsest
    /// first.
    NamedOutputs: NamedOutput[]
    /// Input sizes are multiples of this, per axis.
    Multiple: int[]
    /// The only depth that an input may have; 0 where any multiple will do.
    Slices: int
}
