/// What a network is, as plain data: comparable, printable, storable. Nothing here computes.
module KneeSeg.Dsl.Spec

/// A size along each axis. `Every 3` is 3x3 on images and 3x3x3 on volumes;
/// `InPlane 3` leaves depth alone (1x3x3), which suits the thick slices of knee MRI.
type Extent =
    | Every of int
    | InPlane of int
    | Axes of depth: int * height: int * width: int

/// How many channels a layer puts out.
type Width =
    | Wide of int
    /// Exactly so many, whatever the size variant.
    | Just of int
    /// One nth of what comes in, rounded down, at least one channel; `Part 1` keeps the width.
    | Part of int
    /// As many as the other sides of the sum, product or gate it stands in.
    | Like
    /// One per class of the network.
    | Classes

/// Where a window stands when the map's edge cuts it.
type Padding =
    /// As much before as after; a window as large as its step needs none.
    | Centred
    /// TensorFlow's `same`: as little as needed, the odd voxel after.
    | Same

/// Which of the channels that come in one filter looks at.
type Mixing =
    | Full
    | Grouped of groups: int
    /// Each filter at one channel.
    | Depthwise

/// A convolution, or a transposed one.
type Conv = {
    Out: Width
    Kernel: Extent
    Stride: Extent
    Dilation: Extent
    Padding: Padding
    Mixing: Mixing
    Bias: bool
}

/// Over what a normalisation takes its mean and variance.
type Over =
    | Batch
    | Instance
    | Group of groups: int
    /// As many groups as divide the width, up to so many.
    | GroupUpTo of groups: int

/// A normalisation, with its constants.
type Norm = {
    Over: Over
    Epsilon: float
    /// The share of a new batch in the running statistics.
    Momentum: float
    /// Learns a factor per channel (gamma).
    Scale: bool
    /// Learns an offset per channel (beta).
    Shift: bool
}

/// An activation.
type Act =
    | Relu
    | Leaky of slope: float
    /// A learnt slope per channel.
    | PRelu
    | Elu
    | Selu
    | Sigmoid
    | Tanh

/// What stands for several voxels.
type Summary =
    | Average
    | Largest

/// A window that moves over a map and takes a summary.
type Pool = {
    Summary: Summary
    Size: Extent
    Stride: Extent
    Padding: Padding
}

/// Which axes come down to a single voxel.
type Span =
    | Depth
    | Whole

/// A layer: one map in, one map out, no structure.
/// A map of a single voxel is a vector: there, a convolution of window 1 is a dense layer.
type Layer =
    | Conv of Conv
    /// The transposed convolution: `Stride` is how much finer the result is.
    | Deconv of Conv
    | Norm of Norm
    | Act of Act
    /// Drops whole channels at this rate, in training only.
    | Drop of rate: float
    | Pool of Pool
    /// Finer by repetition.
    | Repeat of Extent
    /// Finer by linear interpolation; `alignCorners` keeps the corner voxels where they are.
    | Interpolate of by: Extent * alignCorners: bool
    /// The same channels again and again, until there are so many.
    | Copies of Width
    | Collapse of Summary * Span
    /// The means of so many cells along every axis, all channels of all cells as one vector.
    | Grid of cells: int

/// How several maps become one. A vector meets every voxel, a single channel every channel of a sum or product.
type Join =
    | Concat
    | Add
    | Multiply

/// What is given to a network beside the image.
type Signal =
    /// Where the patch lies: three numbers from -1 to 1, along depth, height and width.
    | Position

/// Steps one after another of which every result is kept, and joined by concatenation.
type Cascade = {
    /// Each step hears everything before it; otherwise only the step before.
    HearAll: bool
    /// The input is part of the result.
    KeepInput: bool
    Steps: Block list
}

/// A block: one map in, one map out.
and Block =
    | Layer of Layer
    /// One after another.
    | Chain of Block list
    /// Side by side on the same input, then joined.
    | Fork of Join * Block list
    /// One after another, remembering.
    | Cascade of Cascade
    /// The same weights again and again: `y = b x`, then `times` more of `y = b (x + y)`.
    | Recur of times: int * Block
    /// Down to coarser maps and back: the encoder-decoder. In training, each of its answers before the last
    /// goes through the head, to be held against the labels too; when predicting, heads are gone.
    | Ladder of Level list * bottom: Block * head: Block option
    /// A vector given with each image, in place of the map.
    | Given of Signal
    /// The answer of an earlier stage, in place of the map: of those of this name the nearest, and of these the last.
    | Recall of stage: string
    /// The same weights wherever this name stands in the same part of the network: a stage, or what
    /// a level does in one of its places.
    | Tied of name: string * Block
    /// A name, for people, parameters and diagrams.
    | Stage of name: string * Block

/// One rung of a ladder, outermost first.
and Level = {
    /// What happens before going down.
    Encode: Block
    Scale: Scale
    Skip: Skip
    /// What happens after coming back.
    Decode: Block
}

/// How a level goes down and comes back: one value, so that the two match.
and Scale =
    | Through of down: Block * up: Block
    /// Max-pool down; back up, each value returns to where its maximum was.
    | Unpool of Extent

/// What crosses from a level's encoder to its decoder.
and Skip =
    | NoSkip
    | Skip of Highway

/// The way over from encoder to decoder.
and Highway = {
    /// What the encoder's map goes through on its way over.
    Path: Block
    /// Attention: the decoder decides which places pass.
    Gate: Gate option
    Join: Join
    /// In a concatenation, the map that came up stands before the one that crossed over.
    RisenFirst: bool
    /// UNet++: one answer for every answer from below, each joined to all earlier ones here.
    Nested: bool
}

/// Both maps are looked at, summed, and made into one mask over the encoder's.
and Gate = {
    Encoder: Block
    Decoder: Block
    Mask: Block
}

/// Images of two axes, or volumes of three.
type Rank =
    | Planar
    | Volumetric

/// A network. Its output are logits: sigmoid and softmax belong to loss and prediction.
type Network = {
    Name: string
    /// The variants applied, in order.
    Traits: string list
    Rank: Rank
    Channels: int
    Classes: int
    Body: Block
} with

    /// The name and its variants, such as `vnet+small+relative`.
    member network.FullName = String.concat "+" (network.Name :: network.Traits)
