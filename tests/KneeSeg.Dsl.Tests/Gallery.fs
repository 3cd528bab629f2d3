/// Networks that try the language out: published ones that are not in the zoo, and small ones for single questions.
module KneeSeg.Dsl.Tests.Gallery

open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Variants

let unit kernel width =
    chain [ conv kernel width; batchNorm; relu ]

let rung width = {
    Encode = unit 3 width
    Down = maxPool 2
    Skip = concat
    Up = deconv 2 width
    Decode = unit 3 width
}

/// Two levels, in the given number of axes.
let small make name =
    make name [ encoderDecoder [ rung 8; rung 16 ] (unit 3 32); classify ]

/// For images of one channel, as most tests have it, and seven classes.
let elaborated network = Elaborate.elaborate 1 7 network

/// How a backend takes memory that counts like libtorch, which `family.txt` is of.
let backend = {
    MappedFrom = 8L <<< 20
    PredictingHoles = 75
    TrainingHoles = 25
    CheckpointingHoles = 50
    KernelCopies = 1
    HalfKernelCopies = 2
}
