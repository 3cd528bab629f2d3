/// Layers to operations: each checks its input and works out its output.
module internal KneeSeg.Dsl.Layers

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.GraphBuilder

/// What layers of this kind are called in stage names, before their number.
let word layer =
    match layer with
    | Conv _ -> "conv"
    | Deconv _ -> "deconv"
    | Norm _
    | GlobalResponseNorm _ -> "norm"
    | Activation _ -> "act"
    | ChannelDropout _
    | Dropout _
    | StochasticDepth _ -> "drop"
    | Pool _ -> "pool"
    | Unpool -> "unpool"
    | Pad _
    | PadChannels _ -> "pad"
    | UpsampleNearest _
    | UpsampleLinear _ -> "up"
    | TileChannels _ -> "copies"
    | ChannelGroup _ -> "group"
    | SpaceToChannels _
    | ChannelsToSpace _ -> "blocks"
    | Reduce _
    | ArgmaxOverChannels -> "collapse"
    | AdaptiveAvgPool _ -> "grid"
    | Attention _ -> "attention"
    | PositionEmbedding _ -> "positions"

let private plural n noun =
    if n = 1 then $"{n} {noun}" else $"{n} {noun}s"

/// So many times the channels, as a number that fits.
let private times channels (n: float) =
    int (min (float channels * n) (float System.Int32.MaxValue))

let private voxels (block: int[]) =
    (1.0, block) ||> Array.fold (fun all n -> all * float n)

/// The channels of a width where this many come in.
let private width (builder: GraphBuilder) (at: Place) width input =
    match width with
    | Channels n
    | Exactly n ->
        if n < 1 then
            builder.Report(at, $"this layer has {n} output channels", "Use 1 or more")

        max 1 n
    | Fraction n ->
        if n < 1 then
            builder.Report(at, $"`Fraction {n}` is not a valid width", "Use `Fraction 1` or more")

        max 1 (input / max 1 n)
    | Times n ->
        if n < 1 then
            builder.Report(at, $"`Times {n}` is not a valid width", "Use `Times 1` or more")

        times input (float (max 1 n))
    | Matching ->
        match at.Matching with
        | Some n -> n
        | None ->
            builder.Report(
                at,
                "`Matching` has nothing to match here",
                "Use it in a branch of a sum or product, or give a width"
            )

            input
    | Classes -> builder.Classes

let private isVector (x: Map) = x.Shape.Stride |> Array.forall ((=) 0)

let private isOne size =
    match size with
    | Isotropic 1
    | InPlane 1
    | Axes(1, 1, 1) -> true
    | _ -> false

let private groups (builder: GraphBuilder) at groups into out =
    match groups with
    | Ungrouped -> 1
    | Depthwise when out % into = 0 -> into
    | Grouped n when n > 0 && into % n = 0 && out % n = 0 -> n
    | Grouped n ->
        builder.Report(
            at,
            $"""{plural n "group"} do not divide {into} input and {out} output channels""",
            "Use a number of groups that divides both"
        )

        1
    | Depthwise ->
        builder.Report(
            at,
            $"a depthwise convolution of {into} channels cannot output {out}",
            $"Use a multiple of {into}"
        )

        1

let private window (builder: GraphBuilder) at (conv: Conv) (x: Map) padding =
    let along = Windows.along builder at

    let kernel, stride, dilation =
        along conv.Kernel, along conv.Stride, along conv.Dilation

    let before, after = padding builder at conv.Padding kernel stride dilation
    let out = width builder at conv.Out (channels x)

    {
        In = channels x
        Out = out
        Kernel = kernel
        Stride = stride
        Dilation = dilation
        Before = before
        After = after
        Groups = groups builder at conv.Groups (channels x) out
        Bias = conv.Bias
        Standardized = conv.Standardized
    }

let private groupsOf (builder: GraphBuilder) at kind channels =
    match kind with
    | GroupNorm n when n > 0 && channels % n = 0 -> n
    | GroupNorm n ->
        builder.Report(
            at,
            $"""{plural n "group"} do not divide {plural channels "channel"}""",
            "Use a number of groups that divides the channels"
        )

        1
    | GroupNormUpTo n ->
        if n < 1 then
            builder.Report(at, $"""this norm allows {plural n "group"}""", "Use 1 or more")

        seq { max 1 (min n channels) .. -1 .. 1 }
        |> Seq.find (fun n -> channels % n = 0)
    | BatchNorm
    | InstanceNorm -> channels
    | ChannelLayerNorm -> 1

let private checkEpsilon (builder: GraphBuilder) at epsilon =
    if not (epsilon > 0.0 && epsilon < 1.0) then
        builder.Report(at, $"epsilon is {epsilon}", "Use a small number above 0, such as 1e-5")

let private norm (builder: GraphBuilder) at (norm: Norm) (x: Map) =
    checkEpsilon builder at norm.Epsilon

    if not (norm.Momentum > 0.0 && norm.Momentum <= 1.0) then
        builder.Report(at, $"momentum is {norm.Momentum}", "Use a weight above 0 and up to 1, such as 0.1")
    elif norm.Momentum > 0.5 && norm.Momentum < 1.0 then
        builder.Report(
            at,
            $"momentum {norm.Momentum} forgets the running statistics within a few batches",
            $"Write `momentum {System.Math.Round(1.0 - norm.Momentum, 6)}`: Keras's {norm.Momentum} is that here"
        )

    let groups = groupsOf builder at norm.Kind (channels x)

    if norm.Kind <> BatchNorm && groups = channels x && isVector x then
        builder.Report(
            at,
            "this norm is over a single value, which becomes zero",
            "Use `batchNorm` here, fewer groups, or no norm"
        )

    if norm.Kind = ChannelLayerNorm && channels x = 1 then
        builder.Report(
            at,
            "this norm is over the channels of a voxel, of which there is one, which becomes zero",
            "Use more channels, `batchNorm` or `instanceNorm`"
        )

    Op.Norm {
        Kind =
            match norm.Kind with
            | BatchNorm -> NormOpKind.Batch
            | InstanceNorm -> NormOpKind.Instance
            | GroupNorm _
            | GroupNormUpTo _ -> NormOpKind.Group groups
            | ChannelLayerNorm -> NormOpKind.ChannelLayer
        Channels = channels x
        Epsilon = norm.Epsilon
        Momentum = norm.Momentum
        Gamma = norm.Gamma
        Beta = norm.Beta
    }

let private dropout (builder: GraphBuilder) at rate kind =
    if not (rate >= 0.0 && rate < 1.0) then
        builder.Report(at, $"the dropout rate is {rate}", "Use a rate from 0 to below 1")

    Op.Dropout(rate, kind)

let private unpool (builder: GraphBuilder) at (x: Map) =
    let report what fix =
        builder.Report(at, what, fix)
        { x with Sure = false }

    let opOf (map: Map) = builder.Nodes[map.Node].Op

    match at.Pooled |> Option.map (fun pooled -> pooled, opOf pooled) with
    | None ->
        report "`unpool` is outside a level's `Up`" "Use it in `Up`, with a `Down` that ends in a max pool"
    | Some(_, Op.MaxPool window) when window.Size <> window.Stride ->
        report
            $"`unpool` needs a max pool whose stride is its kernel, but this one has kernel {sizes window.Size} and stride {uniform window.Stride}"
            "Use `maxPool` without another stride"
    | Some(_, Op.MaxPool window) when Array.exists ((<>) 0) (Array.append window.Before window.After) ->
        report "`unpool` needs a max pool without padding" "Use `maxPool` without `padded`"
    | Some(pooled, Op.MaxPool window) ->
        let whole = builder.Nodes[builder.Nodes[pooled.Node].Args[0]].Shape

        if x.Sure && channels x <> channels pooled then
            report
                $"`unpool` needs the {channels pooled} channels of the level's max pool, but gets {channels x}"
                $"End the block before it with {channels pooled} channels"
        elif x.Sure && pooled.Sure && x.Shape.Stride <> pooled.Shape.Stride then
            report
                $"`unpool` needs a feature map at stride {sizes pooled.Shape.Stride}, but gets one at {sizes x.Shape.Stride}"
                "Put no other upsampling before it"
        elif x.Sure && pooled.Sure && x.Shape.Extra <> pooled.Shape.Extra then
            report
                $"`unpool` needs a feature map as large as the level's max pool makes, but gets one with {beyond (Array.map2 (-) x.Shape.Extra pooled.Shape.Extra)}"
                "Pad or crop between them"
        else
            let finer = Windows.finer builder at window.Stride (Windows.times window.Stride) x

            if finer.Sure && pooled.Sure && finer.Shape.Extra <> whole.Extra then
                report
                    "`unpool` needs a max pool that leaves out no voxels"
                    "Pad or crop before the pool, to a multiple of its size"
            else
                builder.Emit(at, Op.Unpool window, [ finer; pooled ], finer.Shape)
    | Some _ -> report "`unpool` needs a level whose `Down` ends in a max pool" "End `Down` with `maxPool`"

let private attention (builder: GraphBuilder) at (spec: Attention) (x: Map) =
    let n = channels x
    let width = max 1 (n / 3)
    let isWhole = n % 3 = 0
    let divides = spec.Heads > 0 && width % spec.Heads = 0
    let report what fix = builder.Report(at, what, fix)

    if isVector x then
        report
            "a vector has no voxels that attend to each other"
            "Use `dense`, or attention before the pooling"
    elif not isWhole && x.Sure then
        report
            $"""attention needs queries, keys and values of equal width, but gets {plural n "channel"}"""
            "Use `selfAttention`, or put `convTo (Times 3) 1` before it"
    elif not divides && x.Sure then
        report
            $"""{plural spec.Heads "head"} do not divide {plural width "channel"}"""
            "Use a number of heads that divides the channels"

    let op = {
        Channels = width
        Heads = (if divides then spec.Heads else 1)
        Window =
            spec.Window
            |> Option.map (fun window -> Windows.along builder at window.Size)
            |> Option.defaultValue [||]
        Shifted = spec.Window |> Option.exists _.Shifted
    }

    {
        builder.Emit(at, Op.Attention op, [ x ], { x.Shape with Channels = width }) with
            Sure = x.Sure && isWhole && not (isVector x)
    }

/// The arguments of `conv`, where they look swapped.
let private swapped layer =
    match layer with
    | Conv { Kernel = Isotropic kernel; Out = Channels filters }
    | Deconv { Kernel = Isotropic kernel; Out = Channels filters } when kernel > 15 && filters <= 7 ->
        Some(word layer, kernel, filters)
    | _ -> None

let private operation (builder: GraphBuilder) (at: Place) (spec: Layer) (x: Map) : Map =
    let along = Windows.along builder at
    let n = channels x

    let emit op out (x: Map) =
        builder.Emit(at, op, [ x ], { x.Shape with Channels = out })

    let down op stride change out =
        emit op out (Windows.coarser builder at stride change x)

    let up op factor change out =
        emit op out (Windows.finer builder at factor change x)

    match spec with
    | Conv conv when
        isVector x
        && isOne conv.Kernel
        && conv.Groups = Ungrouped
        && not conv.Standardized
        ->
        let out = width builder at conv.Out n
        emit (Op.Dense(n, out, conv.Bias)) out x
    | Conv conv ->
        let op = window builder at conv x Windows.padding

        if op.Standardized && Array.forall ((=) 1) op.Kernel && op.In = op.Groups then
            builder.Report(
                at,
                "a filter of a single number, standardized, is zero",
                "Use a larger kernel, or no `weightStandardized`"
            )

        down (Op.Conv op) op.Stride (Windows.moved op.Reach op.Stride op.Before op.After) op.Out
    | Deconv { Standardized = true } ->
        builder.Report(
            at,
            "a transposed convolution has no standardized kernel",
            "Use upsampling and a convolution, or no `weightStandardized`"
        )

        { x with Sure = false }
    | Deconv conv ->
        let op = window builder at conv x Windows.crop
        up (Op.Deconv op) op.Stride (Windows.transposed op.Reach op.Stride op.Before op.After) op.Out
    | Norm spec -> emit (norm builder at spec x) n x
    | GlobalResponseNorm epsilon ->
        checkEpsilon builder at epsilon
        emit (Op.GlobalResponseNorm(n, epsilon)) n x
    | Activation spec ->
        match spec with
        | Celu alpha when not (alpha > 0.0) ->
            builder.Report(at, $"the alpha of celu is {alpha}", "Use a number above 0, such as 1.0")
        | ChannelSoftmax when n = 1 ->
            builder.Report(at, "the softmax of a single channel is always 1", "Use `sigmoid`")
        | _ -> ()

        emit (Op.Activation(spec, n)) n x
    | ChannelDropout rate -> emit (dropout builder at rate DropoutUnit.Channel) n x
    | Dropout rate -> emit (dropout builder at rate DropoutUnit.Element) n x
    | StochasticDepth rate -> emit (dropout builder at rate DropoutUnit.Image) n x
    | Pool pool ->
        let size, stride = along pool.Size, along pool.Stride

        let before, after =
            Windows.padding builder at pool.Padding size stride (Array.map (fun _ -> 1) size)

        let most = Array.map2 max before after
        let fits = Array.forall2 (fun pad size -> 2 * pad <= size) most size

        if not fits then
            builder.Report(
                at,
                $"a {sizes size} pool is padded by {sizes most}",
                "Pad by at most half its size"
            )

        let op = { Size = size; Stride = stride; Before = before; After = after }
        let make = if pool.Reduction = Max then Op.MaxPool else Op.AvgPool

        let pooled =
            down (make op) stride (Windows.moved (Array.get size) stride before after) n

        { pooled with Sure = pooled.Sure && fits }
    | Unpool -> unpool builder at x
    | Pad(before, after) ->
        match Windows.sides builder at -Limits.size before after with
        | Some(before, after) -> emit (Op.Pad(before, after)) n (Windows.padded builder at before after x)
        | None -> { x with Sure = false }
    | UpsampleNearest by ->
        let by = along by
        up (Op.UpsampleNearest by) by (Windows.times by) n
    | UpsampleLinear(by, alignCorners) ->
        let by = along by
        up (Op.UpsampleLinear(by, alignCorners)) by (Windows.times by) n
    | TileChannels out ->
        let out = width builder at out n

        if out % n <> 0 then
            builder.Report(at, $"""{plural n "channel"} cannot be tiled to {out}""", $"Use a multiple of {n}")

        if out = n then x else emit (Op.TileChannels(out / n)) out x
    | PadChannels out ->
        let out = width builder at out n

        if out < n then
            builder.Report(
                at,
                $"""{plural n "channel"} cannot be padded to {out}""",
                $"Use at least {n}, or a convolution, as in `convTo Matching 1`"
            )

        let before = (out - n) / 2

        if out <= n then
            x
        else
            emit (Op.PadChannels(before, out - n - before)) out x
    | ChannelGroup(index, groups) ->
        let isWhole = groups > 0 && n % groups = 0

        if not isWhole then
            builder.Report(
                at,
                $"""{plural groups "group"} do not divide {plural n "channel"}""",
                "Use a number of groups that divides the channels"
            )
        elif index < 0 || index >= groups then
            builder.Report(
                at,
                $"""there is no group {index} of {plural groups "group"}""",
                $"Use 0 to {groups - 1}"
            )

        let out = if isWhole then n / groups else n
        emit (Op.ChannelGroup(index, groups)) out x
    | SpaceToChannels(block, order) ->
        let block = along block

        let fits = Array.forall2 (fun extra n -> extra % n = 0) x.Shape.Extra block

        if x.Sure && not fits then
            builder.Report(
                at,
                $"blocks of {sizes block} do not fill a feature map with {beyond x.Shape.Extra}",
                "Pad or crop it before, to a multiple of the block"
            )

        emit
            (Op.SpaceToChannels(block, order.IsVoxelByVoxel))
            (times n (voxels block))
            (Windows.coarser builder at block (fun a extra -> Rounded.down extra block[a]) {
                x with
                    Sure = x.Sure && fits
            })
    | ChannelsToSpace(block, order) ->
        let block = along block
        let voxels = times 1 (voxels block)

        if n % voxels <> 0 then
            builder.Report(
                at,
                $"""{plural n "channel"} do not fill blocks of {sizes block}""",
                $"Use a multiple of {voxels}, for example by `convTo (Times {voxels}) 1` before it"
            )

        up (Op.ChannelsToSpace(block, order.IsVoxelByVoxel)) block (Windows.times block) (max 1 (n / voxels))
    | Reduce(_, (OverDepth | OverSlices _)) when builder.Network.SpatialDims = TwoD ->
        builder.Report(at, "a 2D network has no depth to reduce", "Use `network3d`")
        x
    | Reduce(Average, OverChannels) -> emit Op.MeanOverChannels 1 x
    | Reduce(Max, OverChannels) -> emit Op.MaxOverChannels 1 x
    | ArgmaxOverChannels ->
        if n = 1 then
            builder.Report(
                at,
                "the largest of a single channel is always the first",
                "Use it on a channel for each choice"
            )

        emit Op.ArgmaxOverChannels 1 x
    | Reduce(reduction, reduced) ->
        let axes =
            match reduced with
            | Global -> [| 0 .. builder.Axes - 1 |]
            | _ -> [| 0 |]

        match reduced with
        | OverSlices count -> builder.Slices(at, count * max 1 x.Shape.Stride[0])
        | _ -> ()

        let op =
            match reduction with
            | Average -> Op.Mean axes
            | Max -> Op.Max axes

        let kept = Array.mapi (fun a n -> if Array.contains a axes then 0 else n)

        builder.Emit(at, op, [ x ], { x.Shape with Stride = kept x.Shape.Stride; Extra = kept x.Shape.Extra })
    | AdaptiveAvgPool cells ->
        if cells < 1 || cells > Limits.size then
            builder.Report(at, $"cannot pool to {cells} cells per axis", $"Use 1 to {Limits.size}")

        let vector =
            Shape.plain builder.Axes 0 (times n (float (max 1 cells) ** float builder.Axes))

        builder.Emit(at, Op.AdaptiveAvgPool cells, [ x ], vector)
    | Attention spec -> attention builder at spec x
    | PositionEmbedding size ->
        if isVector x then
            builder.Report(
                at,
                "a vector has no positions to embed",
                "Use `positionEmbedding` before the pooling"
            )

        emit (Op.PositionEmbedding(n, along size)) n x

/// Adds a layer's operation.
let layer (builder: GraphBuilder) (at: Place) (spec: Layer) (x: Map) : Map =
    match swapped spec with
    | Some(word, kernel, filters) ->
        builder.Report(
            at,
            $"{filters} filters with a kernel of {kernel}",
            $"Did you mean `{word} {filters} {kernel}`? If not, write `{word}To (Exactly {filters}) {kernel}`"
        )

        { x with Sure = false }
    | None -> operation builder at spec x
