namespace KneeSeg.Dsl

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

/// What a planned U-Net repeats in its levels.
[<RequireQualifiedAccess>]
type UNetBlock =
    /// Convolution, batch norm, ReLU.
    | Plain
    /// Two convolutions with instance norms and a shortcut.
    | Residual
    /// A depthwise convolution and an inverted bottleneck with a shortcut, as in MedNeXt.
    | Depthwise

/// A level of a planned U-Net. Sizes are along depth, height and width.
[<RequireQualifiedAccess>]
type UNetLevel = {
    /// Blocks of the encoder. Without any, the convolution that downsamples is the first to see the image.
    Encode: int
    /// Blocks of the decoder.
    Decode: int
    Kernel: int[]
    Width: int
    /// The step to the level below.
    Stride: int[]
} with

    static member Create(encode: int, decode: int, kernel: int[], width: int, stride: int[]) = {
        UNetLevel.Encode = encode
        Decode = decode
        Kernel = kernel
        Width = width
        Stride = stride
    }

/// A U-Net in numbers, which `Networks.OfPlan` builds and `Networks.ScriptOfPlan` writes in the words of the language.
[<RequireQualifiedAccess>]
type UNetPlan = {
    Name: string
    Block: UNetBlock
    /// The finest first.
    Levels: UNetLevel[]
    /// The kernel of the bottleneck, which has two blocks.
    Kernel: int[]
    /// The width of the bottleneck.
    Width: int
    DeepSupervision: bool
} with

    static member Create
        (name: string, block: UNetBlock, levels: UNetLevel[], kernel: int[], width: int, deepSupervision: bool) = {
        UNetPlan.Name = name
        Block = block
        Levels = levels
        Kernel = kernel
        Width = width
        DeepSupervision = deepSupervision
    }

/// The network and its script say the same in two ways: whoever changes one changes the other. A test compares their hashes.
module internal UNetPlan =
    let private triple (lengths: int[]) = lengths[0], lengths[1], lengths[2]

    let private block kind kernel width =
        let conv3 = conv 3 width |> withKernel kernel

        match kind with
        | UNetBlock.Plain -> chain [ conv3; batchNorm; relu ]
        | UNetBlock.Residual ->
            chain [
                shortcut
                    (convTo Matching 1)
                    (chain [ conv3; instanceNorm; leakyRelu 0.01; conv3; instanceNorm ])
                leakyRelu 0.01
            ]
        | UNetBlock.Depthwise ->
            chain [
                conv 1 width
                residual (
                    chain [
                        depthwise (convTo sameChannels 3 |> withKernel kernel)
                        instanceNorm
                        convTo (Times 2) 1
                        gelu
                        conv 1 width
                    ]
                )
            ]

    /// Plain levels are pooled; others, and those without an encoder, are downsampled by a convolution.
    let private pools kind (level: UNetLevel) =
        kind = UNetBlock.Plain && level.Encode > 0

    let private by stride =
        withKernel (triple stride) >> withStride (triple stride)

    let network (plan: UNetPlan) : Network =
        let block = block plan.Block

        let level (level: UNetLevel, below: int) : Level = {
            Encode = repeat level.Encode (block (triple level.Kernel) level.Width)
            Down =
                if pools plan.Block level then
                    by level.Stride (maxPool 2)
                else
                    chain [ by level.Stride (conv 2 below); batchNorm; relu ]
            Skip = concat
            Up = by level.Stride (deconv 2 level.Width)
            Decode = repeat level.Decode (block (triple level.Kernel) level.Width)
        }

        let below = [
            for level in Seq.skip 1 plan.Levels do
                level.Width
            plan.Width
        ]

        let body =
            encoderDecoder
                (List.map level (List.zip (List.ofArray plan.Levels) below))
                (repeat 2 (block (triple plan.Kernel) plan.Width))

        network3d plan.Name [
            if plan.DeepSupervision then
                deepSupervision classify body
            else
                body
            classify
        ]

    let private tuple lengths =
        let a, b, c = triple lengths
        $"({a}, {b}, {c})"

    let private blockText kind =
        match kind with
        | UNetBlock.Plain ->
            """// A convolution, batch normalization, and a ReLU.
let block kernel width =
    chain [ conv 3 width |> withKernel kernel; batchNorm; relu ]"""
        | UNetBlock.Residual ->
            """// Two convolutions with instance norms, and a shortcut around them.
let block kernel width =
    let conv3 = conv 3 width |> withKernel kernel

    chain [
        shortcut (convTo Matching 1) (chain [ conv3; instanceNorm; leakyRelu 0.01; conv3; instanceNorm ])
        leakyRelu 0.01
    ]"""
        | UNetBlock.Depthwise ->
            """// A depthwise convolution between two that mix channels, and a shortcut around them, as in MedNeXt.
let block kernel width =
    chain [
        conv 1 width
        residual (
            chain [
                depthwise (convTo sameChannels 3 |> withKernel kernel)
                instanceNorm
                convTo (Times 2) 1
                gelu
                conv 1 width
            ]
        )
    ]"""

    /// How a level gets to the next, with all levels alike or the first one different.
    let private downText (plan: UNetPlan) =
        let strided = "chain [ conv 2 below |> by stride; batchNorm; relu ]"
        let pooled = "maxPool 2 |> by stride"

        match plan.Levels |> Array.map (pools plan.Block) |> Array.distinct with
        | [| true |] -> pooled
        | [| false |] -> strided
        | _ -> $"if encode = 0 then {strided} else {pooled}"

    let script (comment: string) (plan: UNetPlan) =
        let rows =
            plan.Levels
            |> Array.map (fun level ->
                $"    ({level.Encode}, {level.Decode}, {tuple level.Kernel}, {level.Width}, {tuple level.Stride})")
            |> String.concat "\n"

        let below =
            Seq.append (plan.Levels |> Seq.skip 1 |> Seq.map _.Width) [ plan.Width ]
            |> Seq.map string
            |> String.concat "; "

        let about =
            comment.Split '\n' |> Array.map (fun line -> $"// {line}") |> String.concat "\n"

        let supervised =
            if plan.DeepSupervision then
                "\n    |> deepSupervision classify"
            else
                ""

        $"""{about}

{blockText plan.Block}

// Steps by as many voxels as its kernel has along depth, height and width.
let by stride = withKernel stride >> withStride stride

let level ((encode, decode, kernel, width, stride), below) = {{
    Encode = repeat encode (block kernel width)
    Down = {downText plan}
    Skip = concat
    Up = deconv 2 width |> by stride
    Decode = repeat decode (block kernel width)
}}

// The finest first: blocks of the encoder and of the decoder, kernel, width, step to the level below.
let levels = [
{rows}
]

// The width of what is below each level; the last is the bottleneck's.
let below = [ {below} ]

let bottleneck = repeat 2 (block {tuple plan.Kernel} {plan.Width})

network3d "{plan.Name}" [
    encoderDecoder (List.map level (List.zip levels below)) bottleneck{supervised}
    classify
]
"""
