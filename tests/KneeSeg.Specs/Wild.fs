/// Any tree of blocks: most make no sense.
module KneeSeg.Specs.Wild

open FsCheck
open FsCheck.FSharp
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec

let private number = Gen.choose (-1, 9)

let private real =
    Gen.elements [ 0.0; 0.01; 0.1; 0.5; 1e-5; 1.0; 0.30000000000000004 ]

let private truth = Gen.elements [ true; false ]

let private someSize =
    Gen.oneof [
        Gen.map Isotropic number
        Gen.map InPlane number
        Gen.map3 (fun d h w -> Axes(d, h, w)) number number number
    ]

let private width =
    Gen.oneof [
        Gen.map Channels number
        Gen.map Exactly number
        Gen.map Fraction number
        Gen.map Times number
        Gen.elements [ Matching; Classes ]
    ]

let private padding =
    Gen.oneof [
        Gen.elements [ Symmetric; Same ]
        Gen.map2 (fun before after -> Explicit(before, after)) someSize someSize
    ]

let private conv =
    gen {
        let! out = width
        let! kernel = someSize
        let! stride = someSize
        let! dilation = someSize
        let! padding = padding

        let! groups =
            Gen.oneof [ Gen.elements [ Ungrouped; Depthwise ]; Gen.map Grouped number ]

        let! bias = truth
        let! standardized = truth

        return {
            Out = out
            Kernel = kernel
            Stride = stride
            Dilation = dilation
            Padding = padding
            Groups = groups
            Bias = bias
            Standardized = standardized
        }
    }

let private norm =
    gen {
        let! kind =
            Gen.oneof [
                Gen.elements [ BatchNorm; InstanceNorm; ChannelLayerNorm ]
                Gen.map GroupNorm number
                Gen.map GroupNormUpTo number
            ]

        let! epsilon = real
        let! momentum = real
        let! gamma = truth
        let! beta = truth

        return {
            Kind = kind
            Epsilon = epsilon
            Momentum = momentum
            Gamma = gamma
            Beta = beta
        }
    }

let private act =
    Gen.oneof [
        Gen.elements Activations.plain
        Gen.oneof [ for _, make in Activations.parametric -> Gen.map make real ]
    ]

let private reduction = Gen.elements [ Average; Max ]

let private pool =
    gen {
        let! reduction = reduction
        let! size = someSize
        let! stride = someSize
        let! padding = padding

        return { Reduction = reduction; Size = size; Stride = stride; Padding = padding }
    }

let private attention =
    let window =
        Gen.map2 (fun size shifted -> { AttentionWindow.Size = size; Shifted = shifted }) someSize truth

    Gen.map2 (fun heads window -> { Heads = heads; Window = window }) number (Gen.optionOf window)

let private blockOrder = Gen.elements [ VoxelByVoxel; ChannelByChannel ]

let private layer =
    Gen.oneof [
        Gen.map Conv conv
        Gen.map Deconv conv
        Gen.map Norm norm
        Gen.map GlobalResponseNorm real
        Gen.map Activation act
        Gen.map ChannelDropout real
        Gen.map Dropout real
        Gen.map StochasticDepth real
        Gen.map PadChannels width
        Gen.map2 (fun index groups -> ChannelGroup(index, groups)) number number
        Gen.map2 (fun block order -> SpaceToChannels(block, order)) someSize blockOrder
        Gen.map2 (fun block order -> ChannelsToSpace(block, order)) someSize blockOrder
        Gen.constant ArgmaxOverChannels
        Gen.constant Unpool
        Gen.map Pool pool
        Gen.map2 (fun before after -> Pad(before, after)) someSize someSize
        Gen.map UpsampleNearest someSize
        Gen.map2 (fun by align -> UpsampleLinear(by, align)) someSize truth
        Gen.map TileChannels width
        Gen.map2
            (fun how axes -> Reduce(how, axes))
            reduction
            (Gen.oneof [ Gen.elements [ OverDepth; OverChannels; Global ]; Gen.map OverSlices number ])
        Gen.map AdaptiveAvgPool number
        Gen.map Attention attention
        Gen.map PositionEmbedding someSize
    ]

let private join = Gen.elements [ Concat; Add; Multiply ]
let private name = Gen.elements [ "stem"; "head"; "aspp 2"; "level 1"; "a/b"; "" ]

let rec private block size : Gen<Block> =
    if size < 1 then
        Gen.frequency [
            8, Gen.map Layer layer
            1, Gen.constant (Input Position)
            1, Gen.map Recall name
        ]
    else
        let inner = block (size / 3)
        let several = Gen.listOfLength 2 inner

        Gen.oneof [
            Gen.map Layer layer
            Gen.map Chain several
            Gen.map2 (fun join blocks -> Branches(join, blocks)) join several
            Gen.map3
                (fun all kept steps -> DenseBlock { AllPrevious = all; IncludeInput = kept; Steps = steps })
                truth
                truth
                several
            Gen.map2 (fun times block -> Recurrent(times, block)) number inner
            Gen.map2 (fun name block -> Tied(name, block)) name inner
            Gen.map2 (fun name block -> Shared(name, block)) name inner
            Gen.map2 (fun name block -> Stage(name, block)) name inner
            Gen.map3
                (fun name target block -> Output { Name = name; Target = target; Head = block })
                name
                (Gen.elements [ Labels; SignedDistance; Presence ])
                inner
            Gen.map3
                (fun levels bottleneck head ->
                    EncoderDecoder { Levels = levels; Bottleneck = bottleneck; Head = head })
                (Gen.listOfLength 2 (level (size / 3)))
                inner
                (Gen.optionOf inner)
        ]

and private level size =
    gen {
        let inner = block (size / 2)
        let! encode = inner
        let! down = inner
        let! up = inner
        let! skip = Gen.oneof [ Gen.constant NoSkip; Gen.map Skip (connection size) ]
        let! decode = inner

        return { Encode = encode; Down = down; Skip = skip; Up = up; Decode = decode }
    }

and private connection size =
    gen {
        let inner = block (size / 3)
        let! via = inner
        let! decoder = inner
        let! mask = inner
        let! gated = truth
        let! join = join
        let! decoderFirst = truth
        let! nested = truth

        return {
            Via = via
            Gate =
                if gated then
                    Some { Encoder = via; Decoder = decoder; Mask = mask }
                else
                    None
            Join = join
            DecoderFirst = decoderFirst
            Nested = nested
        }
    }

/// Networks that a hostile user could write, within the limits of size.
let networks =
    gen {
        let! body = Gen.sized (fun size -> block (min size 40))
        let! dims = Gen.elements [ TwoD; ThreeD ]
        let! name = name

        return { Name = name; Variants = []; SpatialDims = dims; Body = body }
    }
