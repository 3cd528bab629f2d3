/// U-Nets for volumes whose slices are thicker than their pixels.
[<AutoOpen>]
module KneeSeg.Dsl.Zoo.AnisotropicUNets

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

let private unit width =
    chain [ withoutBias (conv 3 width); instanceNorm; leakyRelu 0.01 ]

/// Isensee et al. 2021: kernels and strides that leave depth alone until voxels are about as deep as they are wide.
let dynUNetAnisotropic =
    let flat, cube = (1, 3, 3), (3, 3, 3)
    let step kernel width = withKernel kernel (unit width)

    let level depth ((kernel, _, width), (below, stride, wider)) = {
        Encode = repeat (if depth = 0 then 2 else 1) (step kernel width)
        Down = withStride stride (step below wider)
        Skip = concatDecoderFirst
        Up = deconv 2 width |> withKernel stride |> withStride stride |> withoutBias
        Decode = repeat 2 (step below width)
    }

    let stages = [
        flat, (1, 1, 1), 32
        flat, (1, 2, 2), 64
        cube, (1, 2, 2), 128
        cube, (2, 2, 2), 256
        cube, (2, 2, 2), 320
        cube, (2, 2, 2), 320
    ]

    network3d "dynunet-anisotropic" [
        encoderDecoder (List.pairwise stages |> List.mapi level) (unit 320)
        classify
    ]

/// For knees in sagittal slices about twice as thick as their pixels: the first level leaves depth alone.
let anisotropicUNet =
    let level own below = {
        Encode = repeat 2 (unit own)
        Down = strided 2 (unit below)
        Skip = concat
        Up = deconv 2 own
        Decode = repeat 2 (unit own)
    }

    let inPlaneLevel level = {
        level with
            Encode = inPlane level.Encode
            Down = inPlane level.Down
            Up = inPlane level.Up
            Decode = inPlane level.Decode
    }

    let levels =
        levelsOf level [ 32; 64; 128; 256; 320 ]
        |> List.mapi (fun depth level -> if depth = 0 then inPlaneLevel level else level)

    network3d "anisotropic-unet" [ encoderDecoder levels (repeat 2 (unit 320)); classify ]

/// Five slices as the channels of one: a 2D U-Net with its neighbors as context.
let unet25d =
    let unit width =
        repeat 2 (chain [ conv 3 width; batchNorm; relu ])

    let level width = {
        Encode = unit width
        Down = maxPool 2
        Skip = concat
        Up = deconv 2 width
        Decode = unit width
    }

    network3d "unet-25d" [
        spaceToChannels 2 |> withStride (5, 1, 1)
        avgOverDepth
        inPlane (encoderDecoder (List.map level [ 64; 128; 256; 512 ]) (unit 1024))
        classify
    ]

let internal entries = [
    {
        Network = dynUNetAnisotropic
        Summary = "nnU-Net's plan for thick slices: flat kernels and strides first, then cubes"
        Paper =
            "Isensee, Jaeger, Kohl, Petersen, Maier-Hein 2021, nnU-Net: A Self-Configuring Method for Deep Learning-Based Biomedical Image Segmentation"
        Departures =
            "MONAI's DynUNet with two kernels of 1x3x3 and two strides of 1x2x2, without deep supervision."
    }
    {
        Network = anisotropicUNet
        Summary = "a U-Net for knees whose slices are about twice as thick as their pixels"
        Paper =
            "Çiçek, Abdulkadir, Lienkamp, Brox, Ronneberger 2016, 3D U-Net: Learning Dense Volumetric Segmentation from Sparse Annotation"
        Departures =
            "Ours: the first level has 1x3x3 kernels and downsamples in plane only; strided convolutions, instance norms and leaky ReLUs as in nnU-Net."
    }
    {
        Network = unet25d
        Summary = "2.5D: five slices as channels of a 2D U-Net, one slice out"
        Paper =
            "Ronneberger, Fischer, Brox 2015, U-Net: Convolutional Networks for Biomedical Image Segmentation"
        Departures =
            "Ours: batch norms, transposed convolutions, and five neighboring slices as the input's channels."
    }
]
