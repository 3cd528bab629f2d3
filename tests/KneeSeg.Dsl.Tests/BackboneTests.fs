/// Encoder-decoders on backbones.
module KneeSeg.Dsl.Tests.BackboneTests

open Expecto
open KneeSeg.Dsl
open KneeSeg.Dsl.Tests.Gallery

let private level encode down up decode = {
    Encode = encode
    Down = down
    Skip = concatDecoderFirst
    Up = up
    Decode = decode
}

/// The message of a word that refuses.
let private refusal make =
    try
        make () |> ignore
        failtest "not refused"
    with MisusedWord(what, fix) ->
        what, fix

let private halving width =
    shortcut (chain [ avgPool 2; convTo Matching 1 ]) (strided 2 (conv 3 width))

let private once = chain [ conv 3 4; maxPool 2; conv 3 8 ]

[<Tests>]
let tests =
    testList "backbones" [
        test "there is a level wherever a backbone halves, in stages and sums too" {
            let backbone =
                chain [
                    unit 3 8
                    stage "two" [ halving 16; unit 3 16 ]
                    stage "three" [ maxPool 2; unit 3 32 ]
                ]

            let byHand =
                encoderDecoder
                    [
                        level (unit 3 8) (stage "two" [ halving 16 ]) (upsampleNearest 2) (unit 3 8)
                        level
                            (stage "two" [ unit 3 16 ])
                            (stage "three" [ maxPool 2 ])
                            (upsampleNearest 2)
                            (unit 3 16)
                    ]
                    (stage "three" [ unit 3 32 ])

            Expect.equal (encoderDecoderOn backbone [ unit 3 8; unit 3 16 ]) byHand "one spec"
        }

        test "where nothing stands before the first halving, the first level has no skip connection" {
            let backbone = chain [ strided 2 (unit 3 8); maxPool 2; unit 3 16 ]

            match encoderDecoderOn backbone [ unit 3 4; unit 3 8 ] with
            | EncoderDecoder { Levels = [ first; second ] } ->
                Expect.equal first.Skip NoSkip "no skip connection"
                Expect.equal second.Skip concatDecoderFirst "a skip connection"
                Expect.equal second.Encode (chain [ batchNorm; relu ]) "what follows the first halving"
            | other -> failtest $"{other}"
        }

        test "a decoder upsamples by what its encoder downsampled" {
            let ups backbone decoders =
                match encoderDecoderOn backbone decoders with
                | EncoderDecoder spec -> spec.Levels |> List.map _.Up
                | other -> failtest $"{other}"

            let backbone =
                chain [ conv 3 4; inPlane (maxPool 2); spaceToChannels 4; strided 2 (conv 3 8) ]

            Expect.equal
                (ups backbone (List.replicate 3 relu))
                [ inPlane (upsampleNearest 2); upsampleNearest 4; upsampleNearest 2 ]
                "the same factors"
        }

        test "what returns to its own resolution is no halving" {
            let hourglass = chain [ maxPool 2; conv 3 4; upsampleNearest 2 ]

            match encoderDecoderOn (chain [ hourglass; residual hourglass; once ]) [ relu ] with
            | EncoderDecoder { Levels = [ only ] } ->
                Expect.equal only.Encode (chain [ hourglass; residual hourglass; conv 3 4 ]) "before the pool"
            | other -> failtest $"{other}"
        }

        test "the U-Nets on a ResNet work in 3D, and with every variant of a skip connection" {
            for variant in [ "3d"; "gated"; "nested"; "no-skips"; "deep-supervision"; "relative" ] do
                Networks.Load($"unet-resnet34+{variant}", 1, 2) |> ignore
        }

        test "a wrong number of decoders is refused, with the places where the backbone halves" {
            Expect.equal
                (refusal (fun () -> encoderDecoderOn Zoo.ResNet.resNet34 [ relu; relu ]))
                ("`encoderDecoderOn` needs a decoder for each of the 5 places where the backbone downsamples, and here are 2",
                 "Give 5, the finest first: it downsamples at conv in stem, pool in stem, block, block, block")
                "the sentences"
        }

        test "a backbone that stays at its resolution, or ends as a vector, is refused" {
            Expect.equal
                (refusal (fun () -> encoderDecoderOn (conv 3 8) []))
                ("`encoderDecoderOn` needs a backbone that downsamples, and this one does nowhere",
                 "Give it pools or strides, for example `strided 2 (conv 3 32)`")
                "no halving"

            Expect.equal
                (refusal (fun () -> encoderDecoderOn (chain [ once; globalAvgPool; dense 10 ]) [ relu ]))
                ("`encoderDecoderOn` needs a backbone that ends as a feature map of its own, and this one ends as a vector or recalls another",
                 "End it before `globalAvgPool` and what follows")
                "a classifier"
        }

        test "a backbone beyond the limits is refused as any block is" {
            let network =
                network2d "long" [ encoderDecoderOn (repeat 20_000 (conv 3 4)) [ relu ]; classify ]

            match elaborated network with
            | Ok _ -> failtest "not refused"
            | Error errors ->
                Expect.equal
                    (List.map string errors)
                    [ "long: more than 10000 blocks. Repeat less." ]
                    "the sentence"
        }
    ]
