/// Random networks that work: each is put together from parts that are legal wherever they stand.
module KneeSeg.Specs.Legal

open FsCheck
open FsCheck.FSharp
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

let private truth = Gen.elements [ true; false ]
let private wide = Gen.choose (1, 6)

let private width =
    Gen.oneof [
        Gen.map Channels wide
        Gen.elements [ Fraction 1; Fraction 2; Times 2; Exactly 3 ]
    ]

let private convolution out =
    gen {
        let! kernel = Gen.elements [ Isotropic 1; Isotropic 3; InPlane 3; Isotropic 5 ]
        let! dilation = Gen.elements [ Isotropic 1; Isotropic 2 ]
        let! padding = Gen.elements [ Symmetric; Same ]
        let! bias = truth
        let! standardize = truth

        return
            Layer(
                Conv {
                    Out = out
                    Kernel = kernel
                    Stride = Isotropic 1
                    Dilation = dilation
                    Padding = padding
                    Groups = Ungrouped
                    Bias = bias
                    // A filter of a single number is refused.
                    Standardized = standardize && kernel <> Isotropic 1
                }
            )
    }

let private depthwise =
    Blocks.rewriteConvs (fun conv -> { conv with Groups = Depthwise }) (convTo sameChannels 3)

let private norm =
    gen {
        let! block =
            Gen.elements [
                batchNorm
                instanceNorm
                Layer(
                    Norm {
                        Kind = GroupNormUpTo 3
                        Epsilon = 1e-3
                        Momentum = 0.01
                        Gamma = true
                        Beta = true
                    }
                )
            ]

        let! change = Gen.elements [ id; withoutGamma; epsilon 1e-3 ]
        return change block
    }

let private act =
    Gen.elements [
        for plain in Activations.plain do
            // Of a single channel it is refused.
            if plain <> ChannelSoftmax then
                Layer(Activation plain)
        for _, make in Activations.parametric do
            Layer(Activation(make 0.1))
    ]

/// A feature map with so many extra voxels along every axis as one without.
let private evened extra =
    Gen.choose (-2, 2)
    |> Gen.map (fun before -> Layer(Pad(Isotropic before, Isotropic(-extra - before))))

/// A convolution whose padding leaves another size, and zeros or a crop that bring the size back. Of two voxels, one is left.
let private uneven =
    gen {
        let! kernel = Gen.choose (1, 5)
        let! before = Gen.choose (0, 3)
        let! more = Gen.choose (0, 3)
        let after = max 0 (kernel - 2 - before) + more
        let! last = evened (before + after + 1 - kernel)
        return chain [ padded before after (convTo sameChannels kernel); last ]
    }

/// Down and up on a map of any size, of which the pool leaves out what is odd.
let private dip =
    gen {
        let! before = Gen.choose (-1, 1)
        let! after = Gen.choose (0, 2)
        // What is left of an odd voxel, rounded down.
        let! pool, left =
            Gen.elements [ maxPool 2, 0; avgPool 2, 0; strided 2 (convTo sameChannels 3), 1 ]

        let! up =
            Gen.elements [ upsampleNearest 2; upsampleLinear 2; deconvTo sameChannels 2 ]

        let! last = evened (2 * ((before + after + left) >>> 1))
        // A branch of its own, since a backbone would take its pool for the end of a level.
        return branches [ chain [ zeroPad before after; pool; up; last ] ]
    }

/// Downsampling by two and its way back, each with a padding of its own.
let private unevenDown =
    gen {
        let! before = Gen.choose (0, 2)
        let! after = Gen.choose (0, 2)
        let! last = evened ((before + after - 1) >>> 1)
        return chain [ padded before after (strided 2 (conv 3 4)); last ]
    }

let private unevenUp =
    gen {
        let! before = Gen.choose (0, 2)
        let! after = Gen.choose (0, 1)
        let! last = evened (1 - before - after)
        return chain [ padded before after (deconv 3 4); last ]
    }

/// A name that no other part has.
let private name = Gen.choose (0, 1_000_000_000) |> Gen.map (fun n -> $"part-{n}")

let private keeping =
    Gen.map2 (fun conv act -> chain [ conv; act ]) (convolution sameChannels) act

let private vector =
    Gen.elements [
        position
        chain [ globalAvgPool; dense 4; relu ]
        chain [ globalMaxPool; dense 4; relu ]
        chain [ adaptiveAvgPool 2; dense 3; tanhActivation ]
        branches [ globalAvgPool; Input Position ]
    ]

/// A block that takes any map and keeps its size.
let rec private block size : Gen<Block> =
    if size < 1 then
        Gen.oneof [
            Gen.map2 (fun conv act -> chain [ conv; act ]) (Gen.bind convolution width) act
            norm
            act
        ]
    else
        let inner = block (size / 2)

        Gen.oneof [
            Gen.map2 (fun a b -> chain [ a; b ]) inner inner
            Gen.map residual keeping
            Gen.map (shortcut (convTo Matching 1)) inner
            Gen.map2 (fun a b -> branches [ a; b ]) inner inner
            Gen.map2 (fun a b -> branches [ identity; a; b ]) inner inner
            Gen.map3
                (fun all kept steps -> DenseBlock { AllPrevious = all; IncludeInput = kept; Steps = steps })
                truth
                truth
                (Gen.listOfLength 2 inner)
            Gen.map2 recurrent (Gen.choose (0, 2)) keeping
            Gen.constant depthwise
            uneven
            dip
            Gen.elements [ channelLayerNorm; withoutAffine channelLayerNorm; channelSoftmax ]
            |> Gen.map (fun last -> chain [ convTo (Exactly 3) 1; last ])
            Gen.constant globalResponseNorm
            Gen.elements [ avgOverChannels; maxOverChannels ]
            Gen.constant (
                gatedBy (
                    chain [ branches [ avgOverChannels; maxOverChannels ]; convTo (Exactly 1) 3; sigmoid ]
                )
            )
            Gen.constant (
                gatedBy (chain [ globalAvgPool; convTo (Fraction 2) 1; relu; convTo Matching 1; sigmoid ])
            )
            Gen.elements [
                selfAttention 2
                transformerBlock 2 (windowAttention 2 3)
                transformerBlock 2 (shiftedWindowAttention 2 3)
                chain [
                    branches [ identity; convTo sameChannels 3; identity ]
                    dotProductAttention 4
                ]
                positionEmbedding 3
            ]
            |> Gen.map (fun attention -> chain [ convTo (Exactly 4) 1; attention ])
            Gen.elements [
                shortcut tileChannels (conv 3 4)
                shortcut padChannels (conv 3 5)
                chain [ channelGroup 1 2; conv 3 3 ]
                residual argmaxOverChannels
            ]
            |> Gen.map (fun last -> chain [ convTo (Exactly 2) 1; last ])
            Gen.map addScalar vector
            Gen.map2
                (fun name norm -> repeat 2 (chain [ convTo sameChannels 3; tied name norm; relu ]))
                name
                norm
            Gen.map2
                (fun name a ->
                    let both = shared name a
                    chain [ convTo (Exactly 3) 1; branches [ both; stage name [ both ] ] ])
                name
                inner
            Gen.map3
                (fun name a b -> chain [ stage name [ a ]; b; branches [ identity; recall name ] ])
                name
                inner
                inner
            Gen.map3
                (fun name output block -> chain [ block; output name ])
                name
                (Gen.elements [
                    fun name -> output name classify
                    fun name -> output name (chain [ conv 3 2; relu; conv 1 1 ]) |> against SignedDistance
                    fun name -> output name (chain [ globalAvgPool; dense 2 ]) |> against Presence
                ])
                inner
            Gen.constant (
                chain [ strided 1 (maxPool 3); channelDropout 0.1; dropout 0.1; stochasticDepth 0.1 ]
            )
            tower (size / 2)
            onBackbone (size / 2)
        ]

and private tower size =
    gen {
        let! count = Gen.choose (1, 2)
        let! levels = Gen.listOfLength count (level (size / 2))
        let! bottleneck = block (size / 2)
        let! width = wide

        let! head =
            if count > 1 then
                Gen.elements [ None; Some classify ]
            else
                Gen.constant None
        // An unpooling level takes back as many channels as it pooled.
        let bottleneck = chain [ bottleneck; conv 1 4 ]

        return
            chain [
                EncoderDecoder { Levels = levels; Bottleneck = bottleneck; Head = head }
                conv 1 width
            ]
    }

and private onBackbone size =
    gen {
        let! count = Gen.choose (1, 2)
        let! downs = Gen.listOfLength count down
        let! between = Gen.listOfLength count (block size)
        let! decoders = Gen.listOfLength count (block size)
        let! first = Gen.elements [ []; [ conv 3 4 ] ]

        let stages = [
            for i, (down, inner) in List.indexed (List.zip downs between) do
                stage $"stage {i}" [ down; inner ]
        ]

        return encoderDecoderOn (chain (first @ stages)) decoders
    }

and private down =
    Gen.elements [
        maxPool 2
        strided 2 (conv 3 4)
        chain [
            shortcut (chain [ avgPool 2; convTo Matching 1 ]) (strided 2 (conv 3 4))
            relu
        ]
        spaceToChannels 2
    ]

and private level size =
    gen {
        let! encode = block size
        let! decode = block size

        let! unevenDown = unevenDown
        let! unevenUp = unevenUp

        let! down =
            Gen.elements [
                unevenDown
                maxPool 2
                avgPool 2
                strided 2 (conv 2 3)
                strided 2 (conv 3 4)
                strided 2 (maxPool 3)
                samePadding (strided 2 (conv 3 2))
                spaceToChannels 2
                pixelUnshuffle 2
            ]

        let! up =
            Gen.elements [
                unevenUp
                deconv 2 4
                samePadding (deconv 3 4)
                upsampleNearest 2
                upsampleLinear 2
                chain [ conv 1 8; channelsToSpace 2; conv 1 4 ]
                chain [ conv 1 16; pixelShuffle 2; conv 1 4 ]
                chain [ upsampleLinearAligned 2; withoutBias (conv 3 4) ]
            ]

        let! unpools = truth
        let! nests = truth
        let! gate = Gen.elements [ None; Some attention ]

        let! skip =
            Gen.elements [ NoSkip; concat; concatDecoderFirst; add; concat |> via (conv 1 2) ]

        let skip =
            match skip with
            | Skip connection ->
                Skip {
                    connection with
                        Gate = gate
                        // Unpooling needs the width that was pooled, and a nested level outputs its skips too.
                        Nested = nests && connection.Join = Concat && not unpools
                }
            | NoSkip -> NoSkip

        let! recalls = truth
        let! seen = name

        let recalling =
            if recalls then
                branches [ identity; recall seen ]
            else
                identity

        return {
            Encode = stage seen [ encode; conv 1 4 ]
            Down = if unpools then maxPool 2 else down
            Skip = skip
            Up =
                match skip with
                | _ when unpools -> unpool
                | Skip { Join = Add } -> deconv 2 4
                | _ -> up
            Decode = chain [ recalling; decode; conv 1 4 ]
        }
    }

/// A network, and how many channels and classes it is for.
let private cases =
    gen {
        let! make = Gen.elements [ network2d; network3d ]
        let! body = Gen.sized (fun size -> block (min size 12))
        let! channels = Gen.choose (1, 3)
        let! classes = Gen.choose (1, 4)

        return make "random" [ body; classify ], channels, classes
    }

/// Networks that elaborate.
let networks = cases |> Gen.map (fun (network, _, _) -> network)

/// The graphs of so many of them, the same for the same seed, by way of their JSON.
let sample (count: int) (seed: uint64) : Graph[] =
    Gen.sampleWithSeed (Rnd seed) 12 count cases
    |> Array.map (fun (network, channels, classes) -> Networks.Load(Json.text network, channels, classes))

/// Whether the memory model keeps an activation's output for the backward pass, rather than its input.
let savesOutput activation = Activations.savesOutput activation
