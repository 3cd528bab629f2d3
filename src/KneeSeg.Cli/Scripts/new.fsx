// NAME: a network for 3D MRI, yours to change. This is F#, and a line that begins with // is a comment.
//
//   look at it     ./kneeseg describe FILE
//   generate data  ./kneeseg phantom knees --count 20
//   train          ./kneeseg train FILE --data knees --run RUN --epochs 20 --set stepsPerEpoch=50
//   predict        ./kneeseg predict RUN knees --out LABELS
//   evaluate       ./kneeseg evaluate LABELS knees --out RUN
//   report         ./kneeseg report RUN
//
// Run describe after every change: it takes seconds and reports errors with their lines. Reference: docs/reference/language.md

// For your editor: where the words are. KneeSeg itself needs none of these lines.
#I "LIBRARY"
#r "KneeSeg.Dsl.dll"

open KneeSeg.Dsl
open KneeSeg.Dsl.Zoo

// One step: a convolution of `width` filters with 3x3x3 kernels, batch normalization, and a ReLU.
// Instead of batchNorm try instanceNorm, instead of relu try leakyRelu 0.01.
let step width = chain [ conv 3 width; batchNorm; relu ]

// Two steps, each with its own weights; the second is a residual block, which makes deep networks easier to train.
let block width =
    chain [ step width; residual (step width) ]

// One level of the U. The skip connection gives the decoder the encoder's fine detail.
let level width = {
    Encode = block width
    Down = maxPool 2 // to half the resolution
    Skip = concat // the skip connection: concat, add or NoSkip
    Up = deconv 2 width // back to twice the resolution
    Decode = block width
}

// The widths of the levels, the finest first. One more level enlarges the receptive field; larger widths learn more, and
// take more memory and time. Three levels downsample by 8.
let levels = [ 12; 24; 48 ]

// The last value of the file is the network: the encoder-decoder with its bottleneck, then one channel per class.
// For images instead of volumes, write network2d. For attention gates on the skip connections, write |> gated after the
// last bracket, and see what it costs.
network3d "NAME" [ encoderDecoder (List.map level levels) (block 96); classify ]
