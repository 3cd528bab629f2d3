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
    Gen.oneof [ Gen.map Wide wide; Gen.elements [ Part 1; Part 2; Just 3 ] ]

let private convolution out =
    gen {
        let! kernel = Gen.elements [ Every 1; Every 3; InPlane 3; Every 5 ]
        let! dilation = Gen.elements [ Every 1; Every 2 ]
        let! padding = Gen.elements [ Centred; Same ]
        let! bias = truth

        return
            Layer(
                Conv {
                    Out = out
                    Kernel = kernel
                    Stride = Every 1
                    Dilation = dilation
                    Padding = padding
                    Mixing = Full
                    Bias = bias
                }
            )
    }

let private depthwise =
    Blocks.rewriteConvs (fun conv -> { conv with Mixing = Depthwise }) (convTo keep 3)

let private norm =
    gen {
        let! block =
            Gen.elements [
                batch
                instance
                Layer(
                    Norm {
                        Over = GroupUpTo 3
                        Epsilon = 1e-3
                        Momentum = 0.01
                        Scale = true
                        Shift = true
                    }
                )
            ]

        let! change = Gen.elements [ id; unscaled; epsilon 1e-3 ]
        return change block
    }

let private act = Gen.elements [ relu; leaky 0.1; prelu; elu; selu; sigmoid; tanh ]

/// A name that no other part has.
let private name = Gen.choose (0, 1_000_000_000) |> Gen.map (fun n -> $"part-{n}")

let private keeping =
    Gen.map2 (fun conv act -> chain [ conv; act ]) (convolution keep) act

let private vector =
    Gen.elements [
        position
        chain [ whole; dense 4; relu ]
        chain [ grid 2; dense 3; tanh ]
        fork [ whole; Given Position ]
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
            Gen.map (beside (convTo Like 1)) inner
            Gen.map2 (fun a b -> fork [ a; b ]) inner inner
            Gen.map2 (fun a b -> fork [ asIs; a; b ]) inner inner
            Gen.map3
                (fun all kept steps ->
                    Cascade {
                        HearAll = all
                        KeepInput = kept
                        Steps = steps
                    })
                truth
                truth
                (Gen.listOfLength 2 inner)
            Gen.map2 recur (Gen.choose (0, 2)) keeping
            Gen.constant depthwise
            Gen.constant (masked (chain [ whole; convTo (Part 2) 1; relu; convTo Like 1; sigmoid ]))
            Gen.constant (chain [ convTo (Just 2) 1; beside copies (conv 3 4) ])
            Gen.map told vector
            Gen.map2 (fun name norm -> times 2 (chain [ convTo keep 3; tied name norm; relu ])) name norm
            Gen.map3
                (fun name a b -> chain [ stage name [ a ]; b; fork [ asIs; recall name ] ])
                name
                inner
                inner
            Gen.constant (chain [ strided 1 (maxPool 3); drop 0.1 ])
            ladder (size / 2)
        ]

and private ladder size =
    gen {
        let! count = Gen.choose (1, 2)
        let! levels = Gen.listOfLength count (level (size / 2))
        let! bottom = block (size / 2)
        let! width = wide

        let! head =
            if count > 1 then
                Gen.elements [ None; Some classify ]
            else
                Gen.constant None
        // An unpooling level takes back as many channels as it pooled.
        return
            Ladder(levels, chain [ bottom; conv 1 4 ], head)
            |> fun ladder -> chain [ ladder; conv 1 width ]
    }

and private level size =
    gen {
        let! encode = block size
        let! decode = block size

        let! down =
            Gen.elements [
                maxPool 2
                meanPool 2
                strided 2 (conv 2 3)
                strided 2 (conv 3 4)
                strided 2 (maxPool 3)
                same (strided 2 (conv 3 2))
            ]

        let! up =
            Gen.elements [
                deconv 2 4
                same (deconv 3 4)
                upsample 2
                smooth 2
                chain [ smoothCorners 2; unbiased (conv 3 4) ]
            ]

        let! unpools = truth
        let! nests = truth
        let! gate = Gen.elements [ None; Some attention ]

        let! skip =
            Gen.elements [ NoSkip; concat; concatAfter; add; concat |> via (conv 1 2) ]

        let skip =
            match skip with
            | Skip highway ->
                Skip {
                    highway with
                        Gate = gate
                        // What unpools takes back what it pooled, and a nested level answers with what crossed over too.
                        Nested = nests && highway.Join = Concat && not unpools
                }
            | NoSkip -> NoSkip

        return {
            Encode = chain [ encode; conv 1 4 ]
            Scale =
                if unpools then
                    Unpool(Every 2)
                else
                    Through(down, (if skip = add then deconv 2 4 else up))
            Skip = skip
            Decode = chain [ decode; conv 1 4 ]
        }
    }

/// Networks that elaborate.
let networks =
    gen {
        let! make = Gen.elements [ planar; volume ]
        let! body = Gen.sized (fun size -> block (min size 12))
        let! channels = Gen.choose (1, 3)
        let! classes = Gen.choose (1, 4)

        return {
            make "random" [ body; classify ] with
                Channels = channels
                Classes = classes
        }
    }

/// The JSON of so many of them, the same for the same seed.
let sample (count: int) (seed: uint64) : string[] =
    Gen.sampleWithSeed (Rnd seed) 12 count networks |> Array.map Json.text
