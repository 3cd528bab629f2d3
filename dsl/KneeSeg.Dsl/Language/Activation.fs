namespace KneeSeg.Dsl

/// An activation function. A new one is a case and its names here, its word in `Words`, and the backend's function.
type Activation =
    | Relu
    | LeakyRelu of Slope: float
    /// A learned slope per channel (He et al. 2015).
    | PRelu
    /// A learned slope for all channels: what PyTorch's and MONAI's PReLU is by default.
    | SinglePRelu
    | Elu
    /// ELU whose slope is continuous for any alpha (Barron 2017).
    | Celu of Alpha: float
    | Selu
    | Relu6
    /// x times the normal distribution's probability of less (Hendrycks and Gimpel 2016).
    | Gelu
    /// GELU by its approximation with a hyperbolic tangent.
    | GeluTanh
    /// x times its logistic function; also called swish.
    | Silu
    /// SiLU by line segments (Howard et al. 2019).
    | HardSwish
    /// x times the hyperbolic tangent of its softplus (Misra 2019).
    | Mish
    /// log(1 + exp(x)).
    | Softplus
    | Sigmoid
    /// The logistic function by line segments.
    | HardSigmoid
    | Tanh
    /// The hyperbolic tangent by line segments.
    | HardTanh
    /// The softmax of each voxel's channels.
    | ChannelSoftmax

/// What the rest of the language knows of activations.
module internal Activations =
    /// The name in JSON, and whether the gradient is computed from the output rather than the input.
    let private facts activation =
        match activation with
        | Relu -> "relu", true
        | LeakyRelu _ -> "leakyRelu", false
        | PRelu -> "prelu", false
        | SinglePRelu -> "singlePrelu", false
        | Elu -> "elu", false
        | Celu _ -> "celu", false
        | Selu -> "selu", false
        | Relu6 -> "relu6", false
        | Gelu -> "gelu", false
        | GeluTanh -> "geluTanh", false
        | Silu -> "silu", false
        | HardSwish -> "hardSwish", false
        | Mish -> "mish", false
        | Softplus -> "softplus", false
        | Sigmoid -> "sigmoid", true
        | HardSigmoid -> "hardSigmoid", false
        | Tanh -> "tanh", true
        | HardTanh -> "hardTanh", false
        | ChannelSoftmax -> "channelSoftmax", true

    let jsonName activation = fst (facts activation)

    let savesOutput activation = snd (facts activation)

    /// Whether the backend makes it of several functions, with a feature map between them that it saves too.
    let isComposed activation = activation = Mish

    /// The JSON name as words, such as "leaky relu".
    let name activation =
        jsonName activation
        |> String.collect (fun c ->
            if System.Char.IsUpper c then
                $" {System.Char.ToLower c}"
            else
                string c)

    /// The number that an activation is declared with, if it has one.
    let parameter activation =
        match activation with
        | LeakyRelu number
        | Celu number -> Some number
        | _ -> None

    /// Activations without a number.
    let plain = [
        Relu
        PRelu
        SinglePRelu
        Elu
        Selu
        Relu6
        Gelu
        GeluTanh
        Silu
        HardSwish
        Mish
        Softplus
        Sigmoid
        HardSigmoid
        Tanh
        HardTanh
        ChannelSoftmax
    ]

    /// Activations with a number, each with how to make it.
    let parametric = [ for make in [ LeakyRelu; Celu ] -> jsonName (make 1.0), make ]

    /// What it learns on so many channels.
    let parameters activation channels =
        match activation with
        | PRelu -> channels
        | SinglePRelu -> 1
        | _ -> 0
