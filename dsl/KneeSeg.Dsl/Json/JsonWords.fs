/// What choices without data are called in JSON: one table for writing and reading.
module internal KneeSeg.Dsl.JsonWords

open KneeSeg.Dsl.Spec

let ranks = [ Planar, 2; Volumetric, 3 ]
let paddings = [ Centred, "centred"; Same, "same" ]
let mixings = [ Full, "full"; Depthwise, "depthwise" ]
let overs = [ Batch, "batch"; Instance, "instance" ]

let acts = [
    Relu, "relu"
    PRelu, "prelu"
    Elu, "elu"
    Selu, "selu"
    Sigmoid, "sigmoid"
    Tanh, "tanh"
]

let summaries = [ Average, "average"; Largest, "largest" ]
let spans = [ Depth, "depth"; Whole, "whole" ]
let joins = [ Concat, "concat"; Add, "add"; Multiply, "multiply" ]
let signals = [ Position, "position" ]
let widths = [ Like, "like"; Classes, "classes" ]

/// The name of a choice.
let nameOf table choice =
    table |> List.find (fun (case, _) -> case = choice) |> snd
