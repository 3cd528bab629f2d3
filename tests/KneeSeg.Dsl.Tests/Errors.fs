/// Networks that cannot work, each with an error that people make.
module KneeSeg.Dsl.Tests.Errors

open System
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Tests.Gallery

let private tower edit bottom = [ encoderDecoder [ rung 64; edit (rung 128) ] bottom; classify ]

let networks = [
    network2d "forgot" [ encoderDecoder [ rung 64 ] (unit 3 128) ]

    network2d
        "sum"
        (tower (fun level -> { level with Skip = add; Down = maxPool 2; Up = deconv 2 96 }) (unit 3 256))

    network2d "unpool" (tower (fun level -> { level with Up = unpool }) (unit 3 256))

    network2d
        "uneven"
        (tower (fun level -> { level with Down = maxPool 2; Up = upsampleLinear 4 }) (unit 3 256))

    network2d "even" (tower id (unit 2 256))

    network2d "deconv" [ maxPool 2; deconv 3 8; classify ]

    network2d "gaps" [ maxPool 2; deconv 1 8; classify ]

    network2d "sparse" [ strided 3 (conv 2 8); upsampleNearest 3; classify ]

    network2d "flat" [ encoderDecoder [ rung 64 ] (unit 3 128); avgOverDepth; classify ]

    network2d "coarse" [ unit 3 64; maxPool 2; classify ]

    network2d "high" [ unit 3 8; upsampleNearest 2; classify ]

    network2d "widens" [ encoderDecoder [ rung 64 ] (residual (unit 3 128)); classify ]

    network2d "alone" [ convTo Matching 3; classify ]

    network2d "groups" [ conv 3 30; groupNorm 8; classify ]

    network2d "part" [ conv 3 30; convTo (Fraction 0) 1; classify ]

    network2d "copies" [ conv 3 6; shortcut tileChannels (conv 3 16); classify ]

    network2d "twins" [ stage "stem" [ unit 3 8 ]; stage "stem" [ unit 3 8 ]; classify ]

    network2d "slash" [ stage "a/b" [ unit 3 8 ]; classify ]

    network2d "taken" [ stage "level 3" [ unit 3 8 ]; classify ]

    network2d "tied" [ conv 3 8; tied "norm" batchNorm; conv 3 16; tied "norm" batchNorm; classify ]

    network2d "tied apart" [
        encoderDecoder
            [
                { rung 8 with Encode = tied "unit" (unit 3 8); Decode = tied "unit" (unit 3 8) }
            ]
            (unit 3 16)
        classify
    ]

    network2d "shared unlike" [
        conv 3 8
        branches [ shared "branch" (unit 3 8); shared "branch" (unit 5 8) ]
        classify
    ]

    network2d "shared widths" [ shared "unit" (unit 3 8); shared "unit" (unit 3 8); classify ]

    network2d "group" [ conv 3 8; branches [ channelGroup 2 2; channelGroup 0 3 ]; classify ]

    network2d "pad" [ conv 3 8; shortcut padChannels (conv 3 4); classify ]

    network2d "blocks" [ spaceToChannels 2; conv 3 6; pixelShuffle 2; classify ]

    network2d "first" [ conv 3 1; argmaxOverChannels; classify ]

    network2d "standard" [
        depthwise (weightStandardized (convTo sameChannels 1))
        maxPool 2
        weightStandardized (chain [ conv 3 8; deconv 2 8 ])
        Blocks.rewriteConvs (fun conv -> { conv with Standardized = true }) (deconv 2 8)
        classify
    ]

    network2d "depth" [ conv 3 8 |> withKernel (1, 3, 3); classify ]

    network2d "valid" [ padded 0 0 (repeat 2 (unit 3 8)); classify ]

    network2d "larger" [ zeroPad 1 2; unit 3 8; classify ]

    network3d "padded slices" [ zeroPad 1 0 |> inPlane; classify ]

    network2d
        "cropless"
        (tower (fun level -> { level with Encode = padded 0 0 (unit 3 128); Down = maxPool 2 }) (unit 3 256))

    network2d "halves" [ padded 1 0 (unit 2 8); zeroPad 1 0; spaceToChannels 2; classify ]

    network2d "padded pool" [ padded 2 2 (strided 1 (maxPool 3)); classify ]

    network2d "padded much" [ padded 200 0 (conv 3 8); zeroPad 0 -200; classify ]

    network2d "padded vector" [ unit 3 8; gatedBy (chain [ globalAvgPool; padded 0 0 (conv 3 8) ]); classify ]

    network2d
        "unpool of an odd size"
        (tower (fun level -> { level with Down = chain [ zeroPad 1 0; maxPool 2 ]; Up = unpool }) (unit 3 128))

    network2d
        "unpool of padded"
        (tower (fun level -> { level with Down = padded 1 1 (maxPool 2); Up = unpool }) (unit 3 128))

    network2d
        "unpool after padding"
        (tower (fun level -> { level with Up = chain [ zeroPad 1 1; unpool ] }) (unit 3 128))

    network2d "vector" [ unit 3 8; globalAvgPool; classify ]

    network2d "celu" [ conv 3 8; celu 0.0; classify ]

    network2d "one channel" [ conv 3 8; avgOverChannels; channelLayerNorm; channelSoftmax; classify ]

    network2d "response" [ conv 3 8; Layer(GlobalResponseNorm 0.0); classify ]

    network2d "heads" [ conv 3 8; selfAttention 3; classify ]

    network2d "no parts" [ conv 3 8; dotProductAttention 2; classify ]

    network2d "windows" [ conv 3 8; windowAttention 2 0; classify ]

    network2d "one voxel" [
        conv 3 8
        gatedBy (chain [ globalAvgPool; positionEmbedding 2; selfAttention 2; sigmoid ])
        classify
    ]

    network2d "rate" [ unit 3 8; channelDropout 1.5; classify ]

    network2d "nothing" [ Branches(Add, []); unit 3 8; classify ]

    network2d "deep" [
        unit 3 8
        Layer(
            Pool {
                Reduction = Max
                Size = Axes(1, 2, 2)
                Stride = Axes(1, 2, 2)
                Padding = Symmetric
            }
        )
        upsampleNearest 2
        classify
    ]

    network2d "zero" [ conv 3 0; classify ]

    network2d "wide" [ conv 3 Int32.MaxValue; classify ]

    network2d "window" [ conv 1001 8; classify ]

    small network2d "classless"

    network2d "nowhere" [ unit 3 8; branches [ identity; recall "encoder" ]; classify ]

    network2d "misremembered" [
        stage "stem" [ unit 3 8 ]
        unit 3 8
        branches [ identity; recall "steam" ]
        classify
    ]

    network2d "early" [ branches [ identity; recall "stem" ]; stage "stem" [ unit 3 8 ]; classify ]

    network2d "unused" [ stage "stem" [ unit 3 8 ]; unit 3 16; recall "stem"; classify ]

    network2d "deaf" [
        shortcut (stage "told" [ Input Position; dense 4 ]) (chain [ globalAvgPool; dense 4 ])
        classify
    ]

    network2d "headless" [ encoderDecoder [ rung 8 ] (unit 3 16) |> deepSupervision classify; classify ]

    network2d "wide head" [
        encoderDecoder [ rung 8; rung 16 ] (unit 3 32) |> deepSupervision (conv 1 4)
        classify
    ]

    network3d "flat head" [
        encoderDecoder [ rung 8; rung 16 ] (unit 3 32)
        |> deepSupervision (chain [ classify; avgOverDepth ])
        classify
    ]

    network2d "levelless" [ unit 3 8 |> deepSupervision classify; classify ]

    network2d "swapped" [ conv 64 3; classify ]

    network2d "swapped deconv" [ maxPool 2; deconv 32 2; classify ]

    network2d "unpool outside" [ unit 3 8; unpool; classify ]

    network2d
        "unpool without pool"
        (tower (fun level -> { level with Down = strided 2 (conv 2 256); Up = unpool }) (unit 3 256))

    network2d
        "unpool of overlapping windows"
        (tower (fun level -> { level with Down = strided 2 (maxPool 3); Up = unpool }) (unit 3 128))

    network2d
        "unpool after upsampling"
        (tower (fun level -> { level with Up = chain [ upsampleNearest 2; unpool ] }) (unit 3 128))

    network2d "times" [ conv 3 8; convTo (Times 0) 1; classify ]

    network2d "cells" [ unit 3 8; gatedBy (chain [ adaptiveAvgPool 0; dense 8; sigmoid ]); classify ]

    network2d "no groups" [
        conv 3 8
        Variants.withNorm (GroupNormUpTo 0) (network2d "" [ batchNorm ]) |> _.Body
        classify
    ]

    network2d "single" [
        unit 3 8
        gatedBy (chain [ globalAvgPool; dense 8; instanceNorm; sigmoid ])
        classify
    ]

    network2d "apart" [ conv 3 4; depthwise (convTo (Channels 10) 3); classify ]

    network2d "split" [ conv 3 4; grouped 2 (conv 3 9); classify ]

    network2d "no steps" [ unit 3 8; denseFeatures []; classify ]

    network2d "backwards" [ unit 3 8; recurrent -1 (convTo sameChannels 3); classify ]

    network2d "constants" [ conv 3 8; momentum 0.0 (epsilon 0.0 batchNorm); classify ]

    network2d "strides over nothing" [
        unit 3 8
        gatedBy (chain [ globalAvgPool; strided 2 (conv 3 8) ])
        classify
    ]

    network2d "abyss" [ unit 3 8; repeat 17 (maxPool 2); repeat 17 (upsampleNearest 2); classify ]

    network2d "sides" [ unit 3 8; branches [ maxPool 2; identity ]; classify ]

    small network3d "blind"

    network2d "output of other classes" [ conv 3 8; output "edge" (conv 1 2); classify ]

    network2d "distances" [ conv 3 8; output "edge" (conv 1 2) |> against SignedDistance; classify ]

    network2d "presence of a map" [ conv 3 8; output "knee" (conv 1 1) |> against Presence; classify ]

    network2d "presence of three" [
        conv 3 8
        output "knee" (chain [ globalAvgPool; dense 3 ]) |> against Presence
        classify
    ]

    network3d "flat output" [ conv 3 8; output "edge" (chain [ classify; avgOverDepth ]); classify ]

    network2d "probabilities" [ conv 3 8; output "early" (chain [ classify; channelSoftmax ]); classify ]

    network2d "two outputs" [
        encoderDecoder
            [
                for width in [ 8; 16 ] -> { rung width with Decode = output "edge" classify }
            ]
            (conv 3 8)
        classify
    ]

    network2d "two outputs in a row" [ output "edge" classify; output "edge" classify; classify ]

    network2d "numbered output" [
        output "edge 2" classify
        conv 3 8
        recurrent 1 (chain [ convTo sameChannels 3; output "edge" classify ])
        classify
    ]

    network2d "nameless output" [ output "" classify; classify ]

    network2d "own output" [ output "segmentation" classify; classify ]

    small network3d "unlabelled" |> Variants.variant "" id

    small network3d "labels" |> Variants.variant "a+b" id

    network3d "no slices" [ conv 3 8; avgOverSlices 0; classify ]

    network3d "two numbers of slices" [
        conv 3 8
        shortcut (chain [ avgOverSlices 5; conv 3 8 ]) (chain [ conv 3 8; avgOverSlices 7 ])
        classify
    ]

    network2d "several" [ conv 2 8; groupNorm 3; encoderDecoder [ rung 8 ] (unit 4 16); unit 3 8 ]
]

let elaborated (network: Network) =
    match network.Name with
    | "blind" -> Elaborate.elaborate 0 7 network
    | "classless" -> Elaborate.elaborate 1 0 network
    | _ -> Gallery.elaborated network
