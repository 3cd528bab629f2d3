/// Layers to operations: each checks what comes in and says what goes out.
module internal KneeSeg.Dsl.Layers

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Draft

/// What layers of this kind are called in stage names, before their number.
let word layer =
    match layer with
    | Conv _ -> "conv"
    | Deconv _ -> "deconv"
    | Norm _ -> "norm"
    | Act _ -> "act"
    | Drop _ -> "drop"
    | Pool _ -> "pool"
    | Repeat _
    | Interpolate _ -> "up"
    | Copies _ -> "copies"
    | Collapse _ -> "collapse"
    | Grid _ -> "grid"

/// Every such word.
let words = [
    "conv"
    "deconv"
    "norm"
    "act"
    "drop"
    "pool"
    "up"
    "copies"
    "collapse"
    "grid"
]

let private plural n noun =
    if n = 1 then $"{n} {noun}" else $"{n} {noun}s"

/// How many channels a width is where this many arrive.
let private width (draft: Draft) (at: Place) width arriving =
    match width with
    | Wide n
    | Just n ->
        if n < 1 then
            draft.Report(at, $"a width of {n}", "Widths start at 1")

        max 1 n
    | Part n ->
        if n < 1 then
            draft.Report(at, $"""1/{n} of {plural arriving "channel"}""", "Use a part of 1 or more")

        max 1 (arriving / max 1 n)
    | Like ->
        match at.Like with
        | Some n -> n
        | None ->
            draft.Report(
                at,
                "`Like` with nothing to be like",
                "Use it in one side of a sum or product, or give a width"
            )

            arriving
    | Classes -> countable draft.Network.Classes

let private isVector (x: Map) = x.Shape.Coarser |> Array.forall ((=) 0)

let private isOne extent =
    match extent with
    | Every 1
    | InPlane 1
    | Axes(1, 1, 1) -> true
    | _ -> false

let private groups (draft: Draft) at mixing into out =
    match mixing with
    | Full -> 1
    | Depthwise when out % into = 0 -> into
    | Grouped n when n > 0 && into % n = 0 && out % n = 0 -> n
    | Grouped n ->
        draft.Report(
            at,
            $"""{into} channels to {out} do not fall into {plural n "group"}""",
            "Use a number of groups that divides both widths"
        )

        1
    | Depthwise ->
        draft.Report(
            at,
            $"{into} channels one by one do not make {out}",
            $"Use a width that is a multiple of {into}"
        )

        1

let private window (draft: Draft) at (conv: Conv) (x: Map) padding =
    let along = Windows.along draft at

    let kernel, stride, dilation =
        along conv.Kernel, along conv.Stride, along conv.Dilation

    let before, after = padding draft at conv.Padding kernel stride dilation
    let out = width draft at conv.Out (channels x)

    {
        In = channels x
        Out = out
        Kernel = kernel
        Stride = stride
        Dilation = dilation
        Before = before
        After = after
        Groups = groups draft at conv.Mixing (channels x) out
        Bias = conv.Bias
    }

let private act act channels =
    match act with
    | Relu -> Op.Relu
    | Leaky slope -> Op.LeakyRelu slope
    | PRelu -> Op.PRelu channels
    | Elu -> Op.Elu
    | Selu -> Op.Selu
    | Sigmoid -> Op.Sigmoid
    | Tanh -> Op.Tanh

let private groupsOf (draft: Draft) at over channels =
    match over with
    | Group n when n > 0 && channels % n = 0 -> n
    | Group n ->
        draft.Report(
            at,
            $"""{plural channels "channel"} do not fall into {plural n "group"}""",
            "Use a number of groups that divides the width"
        )

        1
    | GroupUpTo n ->
        if n < 1 then
            draft.Report(at, $"""up to {plural n "group"}""", "Use 1 or more")

        seq { max 1 (min n channels) .. -1 .. 1 }
        |> Seq.find (fun n -> channels % n = 0)
    | Batch
    | Instance -> channels

let private norm (draft: Draft) at (norm: Norm) (x: Map) =
    let op = {
        Channels = channels x
        Epsilon = norm.Epsilon
        Momentum = norm.Momentum
        Scale = norm.Scale
        Shift = norm.Shift
    }

    if not (norm.Epsilon > 0.0 && norm.Epsilon < 1.0) then
        draft.Report(at, $"an epsilon of {norm.Epsilon}", "Use a small number above 0, such as 1e-5")

    if not (norm.Momentum > 0.0 && norm.Momentum <= 1.0) then
        draft.Report(at, $"a momentum of {norm.Momentum}", "Use a share above 0 and up to 1, such as 0.1")

    let groups = groupsOf draft at norm.Over (channels x)

    if norm.Over <> Batch && groups = channels x && isVector x then
        draft.Report(
            at,
            "normalises single numbers, which leaves nothing of them",
            "Use batch norm there, fewer groups, or none"
        )

    match norm.Over with
    | Batch -> Op.BatchNorm op
    | Instance -> Op.InstanceNorm op
    | Group _
    | GroupUpTo _ -> Op.GroupNorm(op, groups)

/// Adds a layer's operation.
let layer (draft: Draft) (at: Place) (spec: Layer) (x: Map) : Map =
    let along = Windows.along draft at
    let n = channels x
    let sameShape op = draft.Emit(at, op, [ x ], x.Shape)

    match spec with
    | Conv conv when isVector x && isOne conv.Kernel && conv.Mixing = Full ->
        let out = width draft at conv.Out n
        draft.Emit(at, Op.Dense(n, out, conv.Bias), [ x ], { x.Shape with Channels = out })
    | Conv conv ->
        let op = window draft at conv x Windows.padding
        let coarser = Windows.coarser draft at op.Stride x
        draft.Emit(at, Op.Conv op, [ coarser ], { coarser.Shape with Channels = op.Out })
    | Deconv conv ->
        let op = window draft at conv x Windows.crop
        let finer = Windows.finer draft at op.Stride x
        draft.Emit(at, Op.Deconv op, [ finer ], { finer.Shape with Channels = op.Out })
    | Norm spec -> sameShape (norm draft at spec x)
    | Act spec -> sameShape (act spec n)
    | Drop rate ->
        if not (rate >= 0.0 && rate < 1.0) then
            draft.Report(at, $"drops at a rate of {rate}", "Use a rate from 0 to below 1")

        sameShape (Op.Dropout rate)
    | Pool pool ->
        let size, stride = along pool.Size, along pool.Stride

        let before, after =
            Windows.padding draft at pool.Padding size stride (Array.map (fun _ -> 1) size)

        let op = {
            Size = size
            Stride = stride
            Before = before
            After = after
        }

        let op =
            match pool.Summary with
            | Largest -> Op.MaxPool op
            | Average -> Op.MeanPool op

        let coarser = Windows.coarser draft at stride x
        draft.Emit(at, op, [ coarser ], coarser.Shape)
    | Repeat by ->
        let by = along by
        let finer = Windows.finer draft at by x
        draft.Emit(at, Op.Repeat by, [ finer ], finer.Shape)
    | Interpolate(by, alignCorners) ->
        let by = along by
        let finer = Windows.finer draft at by x
        draft.Emit(at, Op.Interpolate(by, alignCorners), [ finer ], finer.Shape)
    | Copies out ->
        let out = width draft at out n

        if out % n <> 0 then
            draft.Report(
                at,
                $"""{plural n "channel"} cannot be repeated to {out}""",
                $"Use a width that is a multiple of {n}"
            )

        if out = n then
            x
        else
            draft.Emit(at, Op.RepeatChannels(out / n), [ x ], { x.Shape with Channels = out })
    | Collapse(_, Depth) when draft.Network.Rank = Planar ->
        draft.Report(at, "a 2D network has no depth to collapse", "Use the network's 3D form")
        x
    | Collapse(summary, span) ->
        let axes =
            match span with
            | Depth -> [| 0 |]
            | Whole -> [| 0 .. draft.Axes - 1 |]

        let op =
            match summary with
            | Average -> Op.MeanOver axes
            | Largest -> Op.MaxOver axes

        let coarser =
            x.Shape.Coarser
            |> Array.mapi (fun a k -> if Array.contains a axes then 0 else k)

        draft.Emit(at, op, [ x ], { x.Shape with Coarser = coarser })
    | Grid cells ->
        if cells < 1 || cells > Limits.extent then
            draft.Report(at, $"a grid of {cells}", $"Use 1 to {Limits.extent} cells")

        let vector = {
            // As a real number, since a product of whole ones may not fit.
            Channels =
                int (min (float n * float (max 1 cells) ** float draft.Axes) (float System.Int32.MaxValue))
            Coarser = Array.create draft.Axes 0
        }

        draft.Emit(at, Op.MeanGrid cells, [ x ], vector)
