/// Joins of feature maps: their shape, and the broadcast of vectors.
module internal KneeSeg.Dsl.Merge

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.GraphBuilder

let private shapeOf (builder: GraphBuilder) at how (maps: Map list) =
    // A single voxel is broadcast over an axis.
    let along a =
        maps |> List.filter (fun map -> map.Shape.Stride[a] <> 0)

    let on a (number: Shape -> int[]) =
        along a |> List.map (fun map -> (number map.Shape)[a]) |> List.distinct

    let strides = List.init builder.Axes (fun a -> on a _.Stride)
    let extras = List.init builder.Axes (fun a -> on a _.Extra)
    let sure = maps |> List.forall _.Sure
    let isOne = List.forall (fun numbers -> List.length numbers <= 1)
    let level = isOne strides

    if sure && not level then
        let unlike = maps |> List.map (fun map -> sizes map.Shape.Stride) |> List.distinct

        builder.Report(
            at,
            $"""cannot join feature maps at strides {String.concat " and " unlike}""",
            "Downsample and upsample every branch equally"
        )

    let alike = isOne extras

    if sure && level && not alike then
        let gaps = [|
            for numbers in extras ->
                if numbers.IsEmpty then
                    0
                else
                    List.max numbers - List.min numbers
        |]

        let words = resizing "crop" gaps

        builder.Report(
            at,
            $"cannot join feature maps whose sizes differ by {sizes gaps} voxels",
            $"Crop the larger, for example with {words}, or pad the smaller with `zeroPad`"
        )

    let widths = maps |> List.map channels
    let widest = List.max widths

    let fit = how = Concat || widths |> List.forall (fun n -> n = widest || n = 1)

    if sure && not fit then
        let verb = if how = Add then "add" else "multiply"
        let counts = widths |> List.distinct |> List.map string |> String.concat " and "

        builder.Report(
            at,
            $"cannot {verb} feature maps of {counts} channels",
            $"Give every branch {widest} channels, for example by `conv 1 {widest}`, or concatenate them"
        )

    let first numbers =
        numbers |> List.map (List.tryHead >> Option.defaultValue 0) |> Array.ofList

    {
        Channels = (if how = Concat then List.sum widths else widest)
        Stride = first strides
        Extra = first extras
    },
    sure && level && alike && fit

/// Joins feature maps; one alone stays as it is.
let join (builder: GraphBuilder) at how (maps: Map list) =
    match maps with
    | [] -> invalidArg (nameof maps) "nothing to join"
    | [ only ] -> only
    | maps ->
        let shape, sure = shapeOf builder at how maps

        let maps =
            match how, maps |> List.tryFind (fun map -> map.Shape.Stride = shape.Stride) with
            | Concat, Some like when sure ->
                let spread i map =
                    if map.Shape.Stride = shape.Stride then
                        map
                    else
                        let shape = { shape with Channels = channels map }
                        builder.Emit(at </> Step.Spread(i + 1), Op.Broadcast, [ map; like ], shape)

                List.mapi spread maps
            | Concat, None ->
                builder.Report(
                    at,
                    "cannot concatenate feature maps that all lack an axis",
                    "Keep every axis of one branch"
                )

                maps
            | _ -> maps

        let op =
            match how with
            | Concat -> Op.Concat
            | Add -> Op.Add
            | Multiply -> Op.Multiply

        { builder.Emit(at, op, maps, shape) with Sure = sure }
