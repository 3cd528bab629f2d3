/// U-Net 3+: every decoder receives every encoder above it and every decoder below it.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.UNet3Plus

open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Huang et al. 2020, with what follows each decoder, the finest first, of which the bottleneck is the fifth; and how it ends.
let private fullScale name after ending =
    let unit width = chain [ conv 3 width; batchNorm; relu ]
    let twice width = repeat 2 (unit width)

    let level i width =
        let fromEncoder n =
            let pooled = if n = i then identity else maxPool (pown 2 (i - n))
            chain [ recall $"encoder {n}"; pooled; unit 64 ]

        let fromDecoder n =
            chain [ recall $"decoder {n}"; upsampleLinear (pown 2 (n - i)); unit 64 ]

        let all =
            List.map fromEncoder [ 1..i ]
            @ [ identity ]
            @ List.map fromDecoder [ i + 2 .. 5 ]

        {
            Encode = stage $"encoder {i}" [ twice width ]
            Down = maxPool 2
            Skip = NoSkip
            Up = chain [ upsampleLinear 2; unit 64 ]
            Decode = chain [ stage $"decoder {i}" [ branches all; unit 320 ]; after i ]
        }

    let levels = List.mapi (fun i width -> level (i + 1) width) [ 64; 128; 256; 512 ]

    network2d name [
        encoderDecoder levels (chain [ stage "decoder 5" [ twice 1024 ]; after 5 ])
        ending
    ]

/// A classifier on the map of a decoder at its resolution, upsampled to the image's.
let private classifier i =
    chain [
        convTo Classes 3
        (if i = 1 then identity else upsampleLinear (pown 2 (i - 1)))
    ]

/// An output of every decoder but the finest, whose output is the network's: "stride 16" is the bottleneck's.
let private deep head i =
    if i = 1 then
        identity
    else
        output $"stride {pown 2 (i - 1)}" (head i)

/// Huang et al. 2020.
let unet3Plus = fullScale "unet3-plus" (fun _ -> identity) (classifier 1)

/// With deep supervision: an output of the bottleneck and of every decoder.
let unet3PlusDeep = fullScale "unet3-plus-deep" (deep classifier) (classifier 1)

/// With deep supervision and the classification-guided module: the bottleneck says whether anything is there, and every output
/// is multiplied by the answer, 0 or 1.
let unet3PlusGuided =
    let present =
        output "present" (stage "classification" [ dropout 0.5; convTo (Exactly 2) 1; globalMaxPool ])
        |> against Presence

    let guided i =
        chain [
            classifier i
            gatedBy (chain [ recall "classification"; argmaxOverChannels ])
        ]

    let after i =
        chain [ (if i = 5 then present else identity); deep guided i ]

    fullScale "unet3-plus-guided" after (guided 1)

let private paper =
    "Huang, Lin, Tong et al. 2020, UNet 3+: A Full-Scale Connected UNet for Medical Image Segmentation"

let internal entries = [
    {
        Network = unet3Plus
        Summary =
            "full-scale skip connections: every decoder receives every encoder above and decoder below it"
        Paper = paper
        Departures =
            "None: the authors' plain network, without deep supervision and classification-guided module."
    }
    {
        Network = unet3PlusDeep
        Summary = "U-Net 3+ with an output of the bottleneck and of every decoder"
        Paper = paper
        Departures =
            "The loss is the recipe's instead of focal, MS-SSIM and IoU. All outputs weigh the same, at full resolution, as there."
    }
    {
        Network = unet3PlusGuided
        Summary =
            "U-Net 3+ with deep supervision, whose outputs are zero where the bottleneck says that nothing is there"
        Paper = paper
        Departures = "As `unet3-plus-deep`; the classification's weight is the recipe's."
    }
]
