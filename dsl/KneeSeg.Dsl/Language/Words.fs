/// The words a spec is written in.
module KneeSeg.Dsl.Words

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Blocks

// Layers

let private window kernel stride out = {
    Out = out
    Kernel = Every kernel
    Stride = Every stride
    Dilation = Every 1
    Padding = Centred
    Mixing = Full
    Bias = true
}

/// The width that comes in.
let keep = Part 1

/// A convolution to any kind of width, such as `convTo keep 3`.
let convTo width kernel = Layer(Conv(window kernel 1 width))

/// A convolution: `conv 3 64` has a window of 3 and 64 filters.
let conv kernel width = convTo (Wide width) kernel

/// A transposed convolution to any kind of width, twice as fine.
let deconvTo width kernel = Layer(Deconv(window kernel 2 width))

/// A transposed convolution, twice as fine.
let deconv kernel width = deconvTo (Wide width) kernel

/// One channel per class: how a network ends.
let classify = convTo Classes 1

/// A dense layer, for vectors; size variants leave its width alone.
let dense width = convTo (Just width) 1

/// The same block with every convolution and pool moving by `step`.
let strided step =
    rewriteLayers (function
        | Conv conv -> Conv { conv with Stride = Every step }
        | Deconv conv -> Deconv { conv with Stride = Every step }
        | Pool pool -> Pool { pool with Stride = Every step }
        | layer -> layer)

/// The same block with the windows of its convolutions spread out.
let dilated rate =
    rewriteConvs (fun conv -> { conv with Dilation = Every rate })

/// The same block with windows and steps that leave depth alone: for slices that are thicker than pixels.
let inPlane =
    let flat extent =
        match extent with
        | Every n
        | InPlane n -> InPlane n
        | Axes(_, h, w) -> Axes(1, h, w)

    rewriteLayers (function
        | Conv conv ->
            Conv {
                conv with
                    Kernel = flat conv.Kernel
                    Stride = flat conv.Stride
                    Dilation = flat conv.Dilation
            }
        | Deconv conv ->
            Deconv {
                conv with
                    Kernel = flat conv.Kernel
                    Stride = flat conv.Stride
            }
        | Pool pool ->
            Pool {
                pool with
                    Size = flat pool.Size
                    Stride = flat pool.Stride
            }
        | Repeat by -> Repeat(flat by)
        | Interpolate(by, alignCorners) -> Interpolate(flat by, alignCorners)
        | layer -> layer)

/// The same block without biases.
let unbiased = rewriteConvs (fun conv -> { conv with Bias = false })

/// The same block with TensorFlow's `same` padding.
let same =
    rewriteLayers (function
        | Conv conv -> Conv { conv with Padding = Same }
        | Deconv conv -> Deconv { conv with Padding = Same }
        | Pool pool -> Pool { pool with Padding = Same }
        | layer -> layer)

let private norm over =
    Layer(
        Norm {
            Over = over
            Epsilon = 1e-5
            Momentum = 0.1
            Scale = true
            Shift = true
        }
    )

/// Batch normalisation.
let batch = norm Batch

/// Instance normalisation.
let instance = norm Instance

/// Group normalisation.
let group groups = norm (Group groups)

/// The same block with norms that learn no factor (gamma).
let unscaled = rewriteNorms (fun norm -> { norm with Scale = false })

/// The same block with norms that add this to the variance.
let epsilon small =
    rewriteNorms (fun norm -> { norm with Epsilon = small })

/// The same block with batch norms whose running statistics take this share of a new batch.
let momentum share =
    rewriteNorms (fun norm -> { norm with Momentum = share })

/// max(x, 0).
let relu = Layer(Act Relu)
/// ReLU with a slope below zero.
let leaky slope = Layer(Act(Leaky slope))
/// ReLU with a learnt slope per channel.
let prelu = Layer(Act PRelu)
/// x above zero, exp(x) - 1 below.
let elu = Layer(Act Elu)
/// ELU, scaled to keep mean and variance (Klambauer et al. 2017).
let selu = Layer(Act Selu)
/// From 0 to 1.
let sigmoid = Layer(Act Sigmoid)
/// From -1 to 1.
let tanh = Layer(Act Tanh)

/// Drops whole channels at this rate, in training only.
let drop rate = Layer(Drop rate)

let private pool summary size =
    Layer(
        Pool {
            Summary = summary
            Size = Every size
            Stride = Every size
            Padding = Centred
        }
    )

/// The largest of each `size` voxels along every axis.
let maxPool size = pool Largest size

/// The mean of each `size` voxels along every axis.
let meanPool size = pool Average size

/// Finer by repetition.
let upsample factor = Layer(Repeat(Every factor))

/// Finer by linear interpolation.
let smooth factor = Layer(Interpolate(Every factor, false))

/// Finer by linear interpolation that keeps the corner voxels in their places.
let smoothCorners factor = Layer(Interpolate(Every factor, true))

/// As wide as the other side of a sum, by repeating the channels that come in.
let copies = Layer(Copies Like)

/// Depth becomes one slice: the mean.
let collapse = Layer(Collapse(Average, Depth))

/// The map's mean, as a vector.
let whole = Layer(Collapse(Average, Whole))

/// The means of `cells` cells along every axis, all in one vector.
let grid cells = Layer(Grid cells)

// Compositions

/// One after another.
let chain blocks = Blocks.chain blocks

/// The map as it came.
let asIs = Chain []

/// The same shape of block `n` times, each with weights of its own.
let times n block =
    // More than a spec may have are refused as they are, without making them all.
    chain (List.replicate (min n (Limits.blocks + 1)) block)

/// Side by side, concatenated.
let fork sides = Fork(Concat, sides)

/// The block and a shortcut around it, summed.
let beside shortcut body = Fork(Add, [ shortcut; body ])

/// The block's answer added to what came in.
let residual body = beside asIs body

/// A map and a mask made from it, multiplied.
let masked mask = Fork(Multiply, [ asIs; mask ])

/// Each step hears everything before it; the input is part of the result.
let denseBlock steps =
    Cascade {
        HearAll = true
        KeepInput = true
        Steps = steps
    }

/// A dense block that hands on only what it made.
let denseNew steps =
    Cascade {
        HearAll = true
        KeepInput = false
        Steps = steps
    }

/// Each step hears the one before; all results are kept.
let cascade steps =
    Cascade {
        HearAll = false
        KeepInput = false
        Steps = steps
    }

/// Hears its own answer `n` times more, with the same weights.
let recur n block = Recur(n, block)

/// The same weights wherever this name stands in the same stage or place of a level.
let tied name block = Tied(name, block)

/// A named part.
let stage name blocks = Stage(name, chain blocks)

/// What the nearest stage of this name answered last, in place of the map.
let recall name = Recall name

/// Levels, outermost first, and what happens at the coarsest place.
let ladder levels bottom = Ladder(levels, bottom, None)

/// A ladder whose answers before the last are held against the labels too, in training, through a head.
let supervised head levels bottom = Ladder(levels, bottom, Some head)

/// A vector, squeezed to one number that is added to every voxel.
let told vector =
    beside (stage "told" [ vector; dense 1; tanh ]) asIs

/// The position through two layers of its own.
let position = chain [ Given Position; dense 16; relu; dense 4; relu ]

// Skips

let private highway join = {
    Path = asIs
    Gate = None
    Join = join
    RisenFirst = false
    Nested = false
}

/// The encoder's map before the one that came up.
let concat = Skip(highway Concat)

/// The encoder's map after the one that came up.
let concatAfter =
    Skip {
        highway Concat with
            RisenFirst = true
    }

/// The encoder's map is added.
let add = Skip(highway Add)

/// The same crossing, by way of a block.
let via path skip =
    match skip with
    | Skip highway -> Skip { highway with Path = path }
    | NoSkip -> NoSkip

/// Oktay et al. 2018, as widely used: both maps at half their width, summed, and one mask for all channels.
let attention = {
    Encoder = chain [ convTo (Part 2) 1; batch ]
    Decoder = chain [ convTo Like 1; batch ]
    Mask = chain [ relu; convTo (Just 1) 1; batch; sigmoid ]
}

// Networks

let private network rank name blocks = {
    Name = name
    Traits = []
    Rank = rank
    Channels = 1
    Classes = 7
    Body = chain blocks
}

/// A network for images: 1 channel and 7 classes until the data say otherwise.
let planar name blocks = network Planar name blocks

/// A network for volumes: 1 channel and 7 classes until the data say otherwise.
let volume name blocks = network Volumetric name blocks

/// The same network by another name.
let called name (network: Network) = { network with Name = name }
