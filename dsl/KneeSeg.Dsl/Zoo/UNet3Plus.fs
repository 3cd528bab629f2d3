/// U-Net 3+: every decoder receives every encoder above it and every decoder below it.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.UNet3Plus

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// Huang et al. 2020.
let unet3Plus =
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
            Decode = stage $"decoder {i}" [ branches all; unit 320 ]
        }

    let levels = List.mapi (fun i width -> level (i + 1) width) [ 64; 128; 256; 512 ]

    network2d "unet3-plus" [ encoderDecoder levels (stage "decoder 5" [ twice 1024 ]); convTo Classes 3 ]

let internal entries = [
    {
        Network = unet3Plus
        Summary =
            "full-scale skip connections: every decoder receives every encoder above and decoder below it"
        Paper =
            "Huang, Lin, Tong et al. 2020, UNet 3+: A Full-Scale Connected UNet for Medical Image Segmentation"
        Departures =
            "None: the authors' plain network, without deep supervision and classification-guided module."
    }
]
