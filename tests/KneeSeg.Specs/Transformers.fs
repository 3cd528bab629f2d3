/// Single transformer blocks, for as many classes as channels, as JSON.
module KneeSeg.Specs.Transformers

open KneeSeg.Dsl
open KneeSeg.Dsl.Words

let private block axes attention =
    let network = if axes = 2 then network2d else network3d
    Json.text (network "block" [ transformerBlock 2 attention ])

/// ViT's.
let vit axes heads = block axes (selfAttention heads)

/// Swin's.
let swin axes heads window shifted =
    block
        axes
        (if shifted then
             shiftedWindowAttention heads window
         else
             windowAttention heads window)
