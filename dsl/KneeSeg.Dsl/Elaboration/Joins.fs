/// Several maps to one.
module internal KneeSeg.Dsl.Joins

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Draft

let private shapeOf (draft: Draft) at how (maps: Map list) =
    // A single voxel meets a whole axis.
    let along a =
        maps
        |> List.map (fun map -> map.Shape.Coarser[a])
        |> List.filter ((<>) 0)
        |> List.distinct

    let axes = List.init draft.Axes along
    let sure = maps |> List.forall _.Sure
    let level = axes |> List.forall (fun steps -> List.length steps <= 1)

    if sure && not level then
        let unlike = maps |> List.map (fun map -> sizes map.Shape.Coarser) |> List.distinct

        draft.Report(
            at,
            $"""joins maps {String.concat " and " unlike} times coarser than the input""",
            "Make every side go down and come up equally"
        )

    let widths = maps |> List.map channels
    let widest = List.max widths

    let fit = how = Concat || widths |> List.forall (fun n -> n = widest || n = 1)

    if sure && not fit then
        let verb = if how = Add then "add" else "multiply"
        let counts = widths |> List.distinct |> List.map string |> String.concat " and "

        draft.Report(
            at,
            $"cannot {verb} maps of {counts} channels",
            $"Give one side a conv 1 {widest}, or concatenate them"
        )

    {
        Channels = (if how = Concat then List.sum widths else widest)
        Coarser = axes |> List.map (List.tryHead >> Option.defaultValue 0) |> Array.ofList
    },
    sure && level && fit

/// Joins maps; one alone stays as it is.
let join (draft: Draft) at how (maps: Map list) =
    match maps with
    | [] -> invalidArg (nameof maps) "nothing to join"
    | [ only ] -> only
    | maps ->
        let shape, sure = shapeOf draft at how maps

        let maps =
            match how, maps |> List.tryFind (fun map -> map.Shape.Coarser = shape.Coarser) with
            | Concat, Some like when sure ->
                let spread i map =
                    if map.Shape.Coarser = shape.Coarser then
                        map
                    else
                        let shape = { shape with Channels = channels map }
                        draft.Emit(at </> Step.Spread(i + 1), Op.Spread, [ map; like ], shape)

                List.mapi spread maps
            | Concat, None ->
                draft.Report(
                    at,
                    "concatenates maps of which none has every axis whole",
                    "Keep one side's axes"
                )

                maps
            | _ -> maps

        let op =
            match how with
            | Concat -> Op.Concat
            | Add -> Op.Add
            | Multiply -> Op.Multiply

        {
            draft.Emit(at, op, maps, shape) with
                Sure = sure
        }
