/// Two echoes of a knee, each through an encoder with the same weights.
module KneeSeg.Specs.Siamese

open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

let private encoder = shared "encoder" (chain [ conv 3 4; instanceNorm; relu ])

let private network =
    network2d "siamese" [
        branches [ chain [ channelGroup 0 2; encoder ]; chain [ channelGroup 1 2; encoder ] ]
        classify
    ]

/// Its canonical text, for images of two channels.
let json = Json.text network
