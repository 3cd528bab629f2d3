/// Networks that cannot work, each by a mistake that people make.
module KneeSeg.Dsl.Tests.Mistakes

open System
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Tests.Gallery

let private tower edit bottom = [ ladder [ rung 64; edit (rung 128) ] bottom; classify ]

let networks = [
    planar "forgot" [ ladder [ rung 64 ] (unit 3 128) ]

    planar
        "sum"
        (tower
            (fun level -> {
                level with
                    Skip = add
                    Scale = Through(maxPool 2, deconv 2 96)
            })
            (unit 3 256))

    planar "unpool" (tower (fun level -> { level with Scale = Unpool(Every 2) }) (unit 3 256))

    planar
        "uneven"
        (tower
            (fun level -> {
                level with
                    Scale = Through(maxPool 2, smooth 4)
            })
            (unit 3 256))

    planar "even" (tower id (unit 2 256))

    planar "deconv" [ maxPool 2; deconv 3 8; classify ]

    planar "gaps" [ maxPool 2; deconv 1 8; classify ]

    planar "sparse" [ strided 3 (conv 2 8); upsample 3; classify ]

    planar "flat" [ ladder [ rung 64 ] (unit 3 128); collapse; classify ]

    planar "coarse" [ unit 3 64; maxPool 2; classify ]

    planar "high" [ unit 3 8; upsample 2; classify ]

    planar "widens" [ ladder [ rung 64 ] (residual (unit 3 128)); classify ]

    planar "alone" [ convTo Like 3; classify ]

    planar "groups" [ conv 3 30; group 8; classify ]

    planar "part" [ conv 3 30; convTo (Part 0) 1; classify ]

    planar "copies" [ conv 3 6; beside copies (conv 3 16); classify ]

    planar "twins" [ stage "stem" [ unit 3 8 ]; stage "stem" [ unit 3 8 ]; classify ]

    planar "slash" [ stage "a/b" [ unit 3 8 ]; classify ]

    planar "taken" [ stage "level 3" [ unit 3 8 ]; classify ]

    planar "tied" [ conv 3 8; tied "norm" batch; conv 3 16; tied "norm" batch; classify ]

    planar "vector" [ unit 3 8; whole; classify ]

    planar "rate" [ unit 3 8; drop 1.5; classify ]

    planar "nothing" [ Fork(Add, []); unit 3 8; classify ]

    planar "deep" [
        unit 3 8
        Layer(
            Pool {
                Summary = Largest
                Size = Axes(1, 2, 2)
                Stride = Axes(1, 2, 2)
                Padding = Centred
            }
        )
        upsample 2
        classify
    ]

    planar "zero" [ conv 3 0; classify ]

    planar "wide" [ conv 3 Int32.MaxValue; classify ]

    planar "window" [ conv 1001 8; classify ]

    {
        small planar "classless" with
            Classes = 0
    }

    planar "nowhere" [ unit 3 8; fork [ asIs; recall "encoder" ]; classify ]

    planar "misremembered" [ stage "stem" [ unit 3 8 ]; unit 3 8; fork [ asIs; recall "steam" ]; classify ]

    planar "early" [ fork [ asIs; recall "stem" ]; stage "stem" [ unit 3 8 ]; classify ]

    planar "unused" [ stage "stem" [ unit 3 8 ]; unit 3 16; recall "stem"; classify ]

    planar "deaf" [
        beside (stage "told" [ Given Position; dense 4 ]) (chain [ whole; dense 4 ])
        classify
    ]

    planar "headless" [ supervised classify [ rung 8 ] (unit 3 16); classify ]

    planar "wide head" [ supervised (conv 1 4) [ rung 8; rung 16 ] (unit 3 32); classify ]

    volume "flat head" [
        supervised (chain [ classify; collapse ]) [ rung 8; rung 16 ] (unit 3 32)
        classify
    ]

    planar "cells" [ unit 3 8; masked (chain [ grid 0; dense 8; sigmoid ]); classify ]

    planar "no groups" [
        conv 3 8
        Variants.normed (GroupUpTo 0) (planar "" [ batch ]) |> _.Body
        classify
    ]

    planar "single" [ unit 3 8; masked (chain [ whole; dense 8; instance; sigmoid ]); classify ]

    planar "apart" [
        conv 3 4
        convTo (Wide 10) 3
        |> Blocks.rewriteConvs (fun conv -> { conv with Mixing = Depthwise })
        classify
    ]

    planar "split" [
        conv 3 4
        conv 3 9 |> Blocks.rewriteConvs (fun conv -> { conv with Mixing = Grouped 2 })
        classify
    ]

    planar "no steps" [ unit 3 8; denseNew []; classify ]

    planar "backwards" [ unit 3 8; recur -1 (convTo keep 3); classify ]

    planar "constants" [ conv 3 8; momentum 0.0 (epsilon 0.0 batch); classify ]

    planar "strides over nothing" [ unit 3 8; masked (chain [ whole; strided 2 (conv 3 8) ]); classify ]

    planar "abyss" [ unit 3 8; times 17 (maxPool 2); times 17 (upsample 2); classify ]

    planar "sides" [ unit 3 8; fork [ maxPool 2; asIs ]; classify ]

    {
        small volume "blind" with
            Channels = 0
    }

    planar "several" [ conv 2 8; group 3; ladder [ rung 8 ] (unit 4 16); unit 3 8 ]
]
