/// The language's words, for explaining mistakes: their parameters, and what other libraries call them.
module KneeSeg.Cli.Scripts.Vocabulary

open System
open System.Reflection
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open Microsoft.FSharp.Reflection

/// A word and its parameters, in order.
type Word = {
    Name: string
    Takes: (string * Type) list
} with

    /// The word with the names of its parameters: `conv size filters`.
    member word.Usage = String.concat " " (word.Name :: List.map fst word.Takes)

/// A name for a parameter that has none, as in point-free definitions.
let private placeholder (kind: Type) =
    if kind = typeof<Block> then "block"
    elif kind = typeof<Network> then "network"
    elif kind = typeof<Skip> then "skip"
    else "value"

/// The parameters of a function by its type.
let rec private parameters kind =
    if FSharpType.IsFunction kind then
        let from, into = FSharpType.GetFunctionElements kind
        (placeholder from, from) :: parameters into
    else
        []

let private wordsOf (name: string) =
    let door = typeof<Network>.Assembly.GetType($"KneeSeg.Dsl.{name}", true)

    let argument (given: ParameterInfo array) =
        match given with
        | [| one |] -> string one.Name, one.ParameterType
        | several ->
            let names = several |> Array.map (fun one -> string one.Name)
            let types = several |> Array.map _.ParameterType
            $"""({String.Join(", ", names)})""", FSharpType.MakeTupleType types

    // How many of the parameters stand in brackets together, as `(depth, height, width)`.
    let grouped (method: MethodInfo) =
        match method.GetCustomAttribute<CompilationArgumentCountsAttribute>() with
        | null -> method.GetParameters() |> Array.map Array.singleton
        | counted ->
            (method.GetParameters(), counted.Counts)
            ||> Seq.mapFold (fun rest count -> Array.take count rest, Array.skip count rest)
            |> fst
            |> Array.ofSeq

    let word name given result = {
        Name = name
        Takes = [ for one in given -> argument one ] @ parameters result
    }

    match door with
    | null -> []
    | door -> [
        for each in door.GetMethods(BindingFlags.Static ||| BindingFlags.Public) do
            if not each.IsSpecialName then
                word each.Name (grouped each) each.ReturnType
        for each in door.GetProperties(BindingFlags.Static ||| BindingFlags.Public) do
            word each.Name [||] each.PropertyType
      ]

/// Every word of the language by its name.
let words =
    lazy (Map [ for word in wordsOf "Words" @ wordsOf "Variants" -> word.Name, word ])

let find name = Map.tryFind name words.Value

/// A use of a word that works, for words whose usage alone says too little.
let example (word: Word) =
    match word.Name with
    | "conv" -> "conv 3 64"
    | "deconv" -> "deconv 2 64"
    | "dense"
    | "groupNorm" -> $"{word.Name} 8"
    | "leakyRelu" -> "leakyRelu 0.01"
    | "dropout"
    | "channelDropout" -> $"{word.Name} 0.2"
    | "maxPool"
    | "avgPool"
    | "upsampleNearest"
    | "upsampleLinear"
    | "upsampleLinearAligned" -> $"{word.Name} 2"
    | "chain"
    | "branches" -> $"{word.Name} [ conv 3 8; relu ]"
    | "residual" -> "residual (conv 3 8)"
    | "repeat" -> "repeat 2 (conv 3 8)"
    | "dilated"
    | "strided" -> $"{word.Name} 2 (conv 3 8)"
    | "withKernel" -> "conv 3 8 |> withKernel (1, 3, 3)"
    | "withStride" -> "conv 3 8 |> withStride (1, 2, 2)"
    | "grouped" -> "grouped 4 (conv 3 8)"
    | "depthwise" -> "depthwise (convTo sameChannels 3)"
    | "weightStandardized" -> "weightStandardized (conv 3 8)"
    | "stochasticDepth" -> "stochasticDepth 0.1"
    | "spaceToChannels"
    | "channelsToSpace"
    | "pixelShuffle"
    | "pixelUnshuffle" -> $"{word.Name} 2"
    | "channelGroup" -> "channelGroup 0 2"
    | "zeroPad"
    | "crop" -> $"{word.Name} 1 1"
    | "padded" -> "padded 0 0 (conv 3 8)"
    | "selfAttention" -> "selfAttention 4"
    | "windowAttention"
    | "shiftedWindowAttention" -> $"{word.Name} 4 7"
    | "positionEmbedding" -> "positionEmbedding 8"
    | "transformerBlock" -> "transformerBlock 4 (selfAttention 4)"
    | "output" -> "output \"boundary\" (conv 1 1)"
    | "against" -> "output \"boundary\" (conv 1 1) |> against SignedDistance"
    | "shared"
    | "tied" -> $"{word.Name} \"stem\" (conv 3 8)"
    | "encoderDecoder" -> "encoderDecoder [ level 16; level 32 ] (conv 3 64)"
    | "stage" -> "stage \"stem\" [ conv 3 8; relu ]"
    | "recall" -> "recall \"stem\""
    | "network2d"
    | "network3d" -> $"{word.Name} \"mine\" [ conv 3 8; relu; classify ]"
    | _ -> word.Usage

/// Names of PyTorch, Keras and MONAI in lower case and without their dimensions, with what to write here.
let private elsewhere =
    lazy
        Map [
            for names, here in
                [
                    "conv convolution conv2 conv3 separableconv", "conv 3 64"
                    "convtranspose convolutiontranspose deconvolution", "deconv 2 64"
                    "linear dense fullyconnected fc", "dense 64"
                    "batchnorm batchnormalization bn batch", "batchNorm"
                    "instancenorm instancenormalization instance", "instanceNorm"
                    "groupnorm groupnormalization gn group", "groupNorm 8"
                    "layernorm layernormalization", "channelLayerNorm"
                    "relu activation", "relu"
                    "leakyrelu leaky lrelu", "leakyRelu 0.01"
                    "prelu", "prelu"
                    "elu", "elu"
                    "selu", "selu"
                    "sigmoid", "sigmoid"
                    "tanh", "tanhActivation"
                    "silu swish", "silu"
                    "gelu", "gelu"
                    "mish", "mish"
                    "hardswish", "hardSwish"
                    "hardsigmoid", "hardSigmoid"
                    "hardtanh", "hardTanh"
                    "softplus", "softplus"
                    "relu6", "relu6"
                    "celu", "celu 1.0"
                    "grn globalresponsenorm", "globalResponseNorm"
                    "maxpool maxpooling", "maxPool 2"
                    "avgpool averagepool averagepooling", "avgPool 2"
                    "adaptiveavgpool globalaveragepooling globalavgpooling globalaveragepool", "globalAvgPool"
                    "adaptivemaxpool globalmaxpooling globalmaxpool", "globalMaxPool"
                    "upsample upsampling interpolate smooth", "upsampleLinear 2"
                    "unpool maxunpool", "unpool"
                    "dropout", "dropout 0.2"
                    "spatialdropout drop", "channelDropout 0.2"
                    "droppath stochasticdepth dropconnect", "stochasticDepth 0.1"
                    "pixelshuffle subpixelupsample depthtospace", "pixelShuffle 2"
                    "pixelunshuffle spacetodepth", "pixelUnshuffle 2"
                    "patchmerging patchmergingv2", "spaceToChannels 2"
                    "zeropad zeropadding constantpad pad", "zeroPad 1 1"
                    "cropping centercrop", "crop 1 1"
                    "patchembed patchembedding patchembeddingblock", "strided 16 (conv 16 768)"
                    "multiheadattention selfattention sablock selfattentionblock", "selfAttention 4"
                    "windowattention", "windowAttention 4 7"
                    "transformerblock transformerencoderlayer swintransformerblock",
                    "transformerBlock 4 (selfAttention 4)"
                    "positionalencoding positionembedding positionalembedding", "positionEmbedding 8"
                    "depthwiseconv", "depthwise (convTo sameChannels 3)"
                    "groupconv groupedconv", "grouped 4 (conv 3 8)"
                    "stdconv wsconv weightstandardizedconv", "weightStandardized (conv 3 8)"
                    "split chunk", "channelGroup 0 2"
                    "argmax", "argmaxOverChannels"
                    "sequential", "chain [ conv 3 8; relu ]"
                    "modulelist", "[ conv 3 8; relu ]"
                    "concatenate cat fork", "branches [ identity; conv 3 8 ]"
                    "identity asis", "identity"
                    "residualunit resblock residualblock", "residual (conv 3 8)"
                    "skipconnection unet ladder", "encoderDecoder [ level 16; level 32 ] (conv 3 64)"
                    "times", "repeat 2 (conv 3 8)"
                    "squeezeexcitation",
                    "gatedBy (chain [ globalAvgPool; dense 8; relu; convTo Matching 1; sigmoid ])"
                    "planar", "network2d \"mine\" [ conv 3 8; relu; classify ]"
                    "volume", "network3d \"mine\" [ conv 3 8; relu; classify ]"
                    "module model", "network3d \"mine\" [ conv 3 8; relu; classify ]"
                ] do
                for name in names.Split ' ' -> name, here
        ]

/// What to write here for a name of another library, such as `nn.Conv2d` or `Dropout3D`.
let ofOtherLibrary (name: string) =
    let last = Array.last (name.Split '.')
    let plain = last.ToLowerInvariant().Replace("_", "")

    // The dimensions: Conv2d, Conv3DTranspose, conv3d.
    let bare =
        Text.RegularExpressions.Regex.Replace(plain, "[123]d(?=transpose$|$)", "")

    match last with
    | "Dropout1d"
    | "Dropout2d"
    | "Dropout3d" -> Some "channelDropout 0.2"
    | _ -> Map.tryFind bare elsewhere.Value
