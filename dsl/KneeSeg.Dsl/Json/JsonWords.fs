/// The JSON names of choices without data: one table for writing and reading.
module internal KneeSeg.Dsl.JsonWords

open KneeSeg.Dsl.Spec

let spatialDims = [ TwoD, 2; ThreeD, 3 ]
let paddings = [ Symmetric, "symmetric"; Same, "same" ]
let groups = [ Ungrouped, "ungrouped"; Depthwise, "depthwise" ]
let normKinds = [ BatchNorm, "batchNorm"; InstanceNorm, "instanceNorm" ]

let activations = [ for plain in Activations.plain -> plain, Activations.jsonName plain ]
let reductions = [ Average, "average"; Max, "max" ]
let reducedAxes = [ OverDepth, "overDepth"; Global, "global" ]
let joins = [ Concat, "concat"; Add, "add"; Multiply, "multiply" ]
let inputs = [ Position, "position" ]
let widths = [ Matching, "matching"; Classes, "classes" ]

/// The name of a choice.
let nameOf table choice =
    table |> List.find (fun (case, _) -> case = choice) |> snd
