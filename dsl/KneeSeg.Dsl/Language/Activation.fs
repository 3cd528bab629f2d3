namespace KneeSeg.Dsl

/// An activation function. A new one is a case and its names here, its word in `Words`, and the backend's function.
type Activation =
    | Relu
    | LeakyRelu of Slope: float
    /// A learned slope per channel (He et al. 2015).
    | PRelu
    | Elu
    | Selu
    | Sigmoid
    | Tanh

/// What the rest of the language knows of activations.
module internal Activations =
    /// The name in JSON, and whether the gradient is computed from the output rather than the input.
    let private facts activation =
        match activation with
        | Relu -> "relu", true
        | LeakyRelu _ -> "leakyRelu", false
        | PRelu -> "prelu", false
        | Elu -> "elu", false
        | Selu -> "selu", false
        | Sigmoid -> "sigmoid", true
        | Tanh -> "tanh", true

    let jsonName activation = fst (facts activation)

    let savesOutput activation = snd (facts activation)

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
        | LeakyRelu slope -> Some slope
        | _ -> None

    /// Activations without a number.
    let plain = [ Relu; PRelu; Elu; Selu; Sigmoid; Tanh ]

    /// Activations with a number, each with how to make it.
    let parametric = [ jsonName (LeakyRelu 0.0), LeakyRelu ]

    /// What it learns on so many channels.
    let parameters activation channels =
        match activation with
        | PRelu -> channels
        | _ -> 0
