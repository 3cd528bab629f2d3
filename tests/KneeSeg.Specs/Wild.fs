/// Any tree of blocks: most make no sense.
module KneeSeg.Specs.Wild

open FsCheck
open FsCheck.FSharp
open KneeSeg.Dsl.Spec

let private number = Gen.choose (-1, 9)

let private real =
    Gen.elements [ 0.0; 0.01; 0.1; 0.5; 1e-5; 1.0; 0.30000000000000004 ]

let private truth = Gen.elements [ true; false ]

let private extent =
    Gen.oneof [
        Gen.map Every number
        Gen.map InPlane number
        Gen.map3 (fun d h w -> Axes(d, h, w)) number number number
    ]

let private width =
    Gen.oneof [
        Gen.map Wide number
        Gen.map Just number
        Gen.map Part number
        Gen.elements [ Like; Classes ]
    ]

let private padding = Gen.elements [ Centred; Same ]

let private conv =
    gen {
        let! out = width
        let! kernel = extent
        let! stride = extent
        let! dilation = extent
        let! padding = padding
        let! mixing = Gen.oneof [ Gen.elements [ Full; Depthwise ]; Gen.map Grouped number ]
        let! bias = truth

        return {
            Out = out
            Kernel = kernel
            Stride = stride
            Dilation = dilation
            Padding = padding
            Mixing = mixing
            Bias = bias
        }
    }

let private norm =
    gen {
        let! over =
            Gen.oneof [
                Gen.elements [ Batch; Instance ]
                Gen.map Group number
                Gen.map GroupUpTo number
            ]

        let! epsilon = real
        let! momentum = real
        let! scale = truth
        let! shift = truth

        return {
            Over = over
            Epsilon = epsilon
            Momentum = momentum
            Scale = scale
            Shift = shift
        }
    }

let private act =
    Gen.oneof [ Gen.elements [ Relu; PRelu; Elu; Selu; Sigmoid; Tanh ]; Gen.map Leaky real ]

let private summary = Gen.elements [ Average; Largest ]

let private pool =
    gen {
        let! summary = summary
        let! size = extent
        let! stride = extent
        let! padding = padding

        return {
            Summary = summary
            Size = size
            Stride = stride
            Padding = padding
        }
    }

let private layer =
    Gen.oneof [
        Gen.map Conv conv
        Gen.map Deconv conv
        Gen.map Norm norm
        Gen.map Act act
        Gen.map Drop real
        Gen.map Pool pool
        Gen.map Repeat extent
        Gen.map2 (fun by align -> Interpolate(by, align)) extent truth
        Gen.map Copies width
        Gen.map2 (fun how span -> Collapse(how, span)) summary (Gen.elements [ Depth; Whole ])
        Gen.map Grid number
    ]

let private join = Gen.elements [ Concat; Add; Multiply ]
let private name = Gen.elements [ "stem"; "head"; "aspp 2"; "level 1"; "a/b"; "" ]

let rec private block size : Gen<Block> =
    if size < 1 then
        Gen.frequency [
            8, Gen.map Layer layer
            1, Gen.constant (Given Position)
            1, Gen.map Recall name
        ]
    else
        let inner = block (size / 3)
        let several = Gen.listOfLength 2 inner

        Gen.oneof [
            Gen.map Layer layer
            Gen.map Chain several
            Gen.map2 (fun join sides -> Fork(join, sides)) join several
            Gen.map3
                (fun all keep steps ->
                    Cascade {
                        HearAll = all
                        KeepInput = keep
                        Steps = steps
                    })
                truth
                truth
                several
            Gen.map2 (fun times block -> Recur(times, block)) number inner
            Gen.map2 (fun name block -> Tied(name, block)) name inner
            Gen.map2 (fun name block -> Stage(name, block)) name inner
            Gen.map3
                (fun levels bottom head -> Ladder(levels, bottom, head))
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
        let! scale = Gen.oneof [ Gen.constant (Through(down, up)); Gen.map Unpool extent ]
        let! skip = Gen.oneof [ Gen.constant NoSkip; Gen.map Skip (highway size) ]
        let! decode = inner

        return {
            Encode = encode
            Scale = scale
            Skip = skip
            Decode = decode
        }
    }

and private highway size =
    gen {
        let inner = block (size / 3)
        let! path = inner
        let! decoder = inner
        let! mask = inner
        let! gated = truth
        let! join = join
        let! risenFirst = truth
        let! nested = truth

        return {
            Path = path
            Gate =
                if gated then
                    Some {
                        Encoder = path
                        Decoder = decoder
                        Mask = mask
                    }
                else
                    None
            Join = join
            RisenFirst = risenFirst
            Nested = nested
        }
    }

/// Networks that a hostile user could write, within the limits of size.
let networks =
    gen {
        let! body = Gen.sized (fun size -> block (min size 40))
        let! rank = Gen.elements [ Planar; Volumetric ]
        let! channels = number
        let! classes = number
        let! name = name

        return {
            Name = name
            Traits = []
            Rank = rank
            Channels = channels
            Classes = classes
            Body = body
        }
    }
