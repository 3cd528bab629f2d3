// NAME: a network for 3D MRI, yours to change. This is F#, and a line that begins with // is a comment.
//
//   see it         ./kneeseg describe FILE
//   make knees     ./kneeseg phantom knees --count 20
//   train          ./kneeseg train FILE --data knees --run RUN --epochs 20 --set stepsPerEpoch=50
//   label knees    ./kneeseg predict RUN knees --out LABELS
//   measure        ./kneeseg evaluate LABELS knees --out RUN
//   see the result ./kneeseg report RUN
//
// Describe after every change: it takes seconds, and names a mistake by its line. All words: docs/language.md

// One step: `width` filters that each look at 3x3x3 voxels; numbers brought to a common scale; negative ones cut off.
// Instead of batch try instance, instead of relu try leaky 0.01.
let step width = chain [ conv 3 width; batch; relu ]

// Two steps, each with weights of its own, and a shortcut around the second, which makes deep networks easier to train.
let block width =
    chain [ step width; residual (step width) ]

// One level of the U. The decoder knows what is there, and the encoder's maps, crossing over, where exactly.
let level width = {
    Encode = block width // on the way down
    Scale = Through(maxPool 2, deconv 2 width) // half as fine going down, twice as fine coming back
    Skip = concat // what crosses over: concat, add or NoSkip
    Decode = block width // on the way up
}

// A number is the width of a level, the finest first. Another number is another level, which sees more of the knee;
// larger numbers learn more, and take more memory and time. Below these three, the knee has an eighth of its size.
let levels = [ 12; 24; 48 ]

// The last value of the file is the network: down the levels, through the coarsest block, and up again; then one
// channel for each tissue. For images instead of volumes, write planar. For attention on the skips, write |> gated
// after the last bracket, and see what it costs.
volume "NAME" [ ladder (List.map level levels) (block 96); classify ]
