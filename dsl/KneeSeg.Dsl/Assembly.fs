/// Blocks to operations: rows, joins, cascades, recurrences and ladders.
module internal KneeSeg.Dsl.Assembly

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Draft

/// A row's parts, each with a name: numbered among their kind, or what the spec calls them.
let private named block =
    let number seen block =
        let again word =
            let n = 1 + (Map.tryFind word seen |> Option.defaultValue 0)
            n, Map.add word n seen

        let numbered word =
            let n, seen = again word
            ($"{word} {n}", block), seen

        match block with
        | Layer layer -> numbered (Layers.word layer)
        | Fork(Concat, _) -> numbered "concat"
        | Fork(Add, _) -> numbered "sum"
        | Fork(Multiply, _) -> numbered "product"
        | Cascade _ -> numbered "cascade"
        | Recur _ -> numbered "recur"
        | Given _ -> numbered "given"
        // Opened before; none is left.
        | Chain _ -> numbered "row"
        | Tied(name, _) -> numbered name
        | Stage(name, _) -> (name, block), seen
        | Ladder _ ->
            // A network's only ladder needs no name of its own: its levels have one.
            match again "ladder" with
            | 1, seen -> ("", block), seen
            | n, seen -> ($"ladder {n}", block), seen

    Blocks.flat block |> List.mapFold number Map.empty |> fst

/// A row's parts under names that differ.
let private apart (draft: Draft) at parts =
    let differ seen (name, block) =
        if Set.contains name seen then
            draft.Report(at </> name, "two parts of the network go by this name", "Name their stages apart")
            ($"{name} again {seen.Count}", block), seen
        else
            (name, block), Set.add name seen

    parts |> List.mapFold differ Set.empty |> fst

/// Whether a block's width follows that of the other sides of its join.
let rec private follows block =
    match block with
    | Layer(Conv { Out = Like })
    | Layer(Deconv { Out = Like })
    | Layer(Copies Like) -> true
    | Fork((Add | Multiply), sides) -> not sides.IsEmpty && List.forall follows sides
    | block -> List.exists follows (Blocks.inside block)

let private joinShape (draft: Draft) at how (maps: Map list) =
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

/// Several maps as one.
let private join (draft: Draft) at how (maps: Map list) =
    match maps with
    | [] -> invalidArg (nameof maps) "nothing to join"
    | [ only ] -> only
    | maps ->
        let shape, sure = joinShape draft at how maps

        let maps =
            match how, maps |> List.tryFind (fun map -> map.Shape.Coarser = shape.Coarser) with
            | Concat, Some like when sure ->
                let spread i map =
                    if map.Shape.Coarser = shape.Coarser then
                        map
                    else
                        let shape = { shape with Channels = channels map }
                        draft.Emit(at </> $"spread {i + 1}", Op.Spread, [ map; like ], shape)

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

/// A row of blocks, one after another.
let rec row (draft: Draft) (at: Place) spec (x: Map) : Map =
    let step x (name, block) =
        match block with
        | Tied(word, inner) ->
            Steps.check draft at word
            row draft (shared at name word) inner x
        | Stage(word, inner) ->
            Steps.check draft at word
            row draft (part at name) inner x
        | Ladder(levels, bottom) ->
            let at = if name = "" then at else at </> name
            ladder draft at 1 levels bottom x |> List.last
        | block -> element draft (at </> name) block x

    named spec |> apart draft at |> List.fold step x

and private element draft at block x =
    match block with
    | Layer layer -> Layers.layer draft at layer x
    | Given signal -> draft.Given signal
    | Fork(how, sides) -> fork draft at how sides x
    | Cascade spec -> cascade draft at spec x
    | Recur(times, inner) -> recur draft at times inner x
    | Chain _
    | Tied _
    | Stage _
    | Ladder _ -> row draft at block x

and private fork draft at how sides x =
    let side like (i, side) =
        i,
        row
            draft
            {
                (at </> $"side {i + 1}") with
                    Like = like
            }
            side
            x

    let maps =
        match how with
        | Concat -> List.indexed sides |> List.map (side at.Like)
        | Add
        | Multiply ->
            // Sides that follow the others in width come after them.
            let following, leading = List.indexed sides |> List.partition (snd >> follows)
            let led = leading |> List.map (side None)

            let like =
                match led with
                | [] -> at.Like
                | led -> Some(led |> List.map (snd >> channels) |> List.max)

            led @ List.map (side like) following

    if sides.IsEmpty then
        draft.Report(at, "has no sides to join", "Give it at least one block")
        x
    else
        maps |> List.sortBy fst |> List.map snd |> join draft at how

and private cascade draft at spec x =
    let step made (i, inner) =
        let at = at </> $"step {i + 1}"

        let heard =
            match made with
            | [] -> x
            | _ when spec.HearAll -> join draft at Concat (x :: List.rev made)
            | last :: _ -> last

        row draft at inner heard :: made

    let made = List.indexed spec.Steps |> List.fold step [] |> List.rev

    match (if spec.KeepInput then x :: made else made) with
    | [] ->
        draft.Report(at, "has no steps", "Give it at least one block")
        x
    | kept -> join draft at Concat kept

and private recur draft at times inner x =
    if times < 0 then
        draft.Report(at, $"recurs {times} times", "Use 0 or more")

    let again y n =
        let at = pass at n
        row draft at inner (join draft (at </> "sum") Add [ x; y ])

    [ 2 .. times + 1 ] |> List.fold again (row draft (pass at 1) inner x)

/// A ladder's answers, from rough to refined. A plain level gives one; a nested level gives one for
/// the encoder's own map and one more for each answer from below.
and private ladder draft outer depth levels bottom x : Map list =
    match levels with
    | [] -> [ row draft (part outer "bottom") bottom x ]
    | level :: below ->
        let at = outer </> $"level {depth}"
        let encoded = row draft (part at "encode") level.Encode x
        let inside = ladder draft outer (depth + 1) below bottom

        let answers, up =
            match level.Scale with
            | Through(down, up) ->
                inside (row draft (part at "down") down encoded), (fun at y -> row draft (part at "up") up y)
            | Unpool by ->
                let pooled = pool draft (at </> "down") by encoded
                inside pooled, (fun at y -> unpool draft (at </> "up") pooled encoded y)

        let decode at crossing answer =
            let risen = up at answer
            row draft (part at "decode") level.Decode (meet draft at level.Skip crossing risen)

        match level.Skip with
        | NoSkip -> [ decode at [] (List.last answers) ]
        | Skip highway ->
            let over = row draft (part at "skip") highway.Path encoded

            if highway.Nested then
                let answer made (i, below) =
                    made @ [ decode (at </> $"answer {i + 1}") made below ]

                List.indexed answers |> List.fold answer [ over ]
            else
                [ decode at [ over ] (List.last answers) ]

/// What crossed over meets what came up.
and private meet draft at skip crossing risen =
    match skip with
    | NoSkip -> risen
    | Skip highway ->
        let crossing =
            match highway.Gate with
            | Some spec ->
                // The newest is what the decoder decides about.
                List.updateAt
                    (crossing.Length - 1)
                    (gate draft (at </> "gate") spec (List.last crossing) risen)
                    crossing
            | None -> crossing

        join
            draft
            (at </> "join")
            highway.Join
            (if highway.RisenFirst then
                 risen :: crossing
             else
                 crossing @ [ risen ])

and private gate draft at spec over risen =
    let encoder = row draft (part at "encoder") spec.Encoder over

    let decoder =
        row
            draft
            {
                (part at "decoder") with
                    Like = Some(channels encoder)
            }
            spec.Decoder
            risen

    let mask =
        row draft (part at "mask") spec.Mask (join draft (at </> "sum") Add [ encoder; decoder ])

    join draft (at </> "product") Multiply [ over; mask ]

and private pool draft at by x =
    let by = Windows.along draft at by
    let none = Array.map (fun _ -> 0) by

    let op = {
        Size = by
        Stride = by
        Before = none
        After = none
    }

    draft.Emit(at, Op.MaxPool op, [ x ], Windows.coarser draft at by x)

and private unpool draft at pooled encoded y =
    match draft.Nodes[pooled.Node].Op with
    | Op.MaxPool window ->
        if y.Sure && channels y <> channels encoded then
            draft.Report(
                at,
                $"{channels encoded} channels were pooled here but {channels y} come back",
                $"End what is below with {channels encoded} channels"
            )

        let finer = Windows.finer draft at window.Stride y
        draft.Emit(at, Op.Unpool window, [ finer; pooled ], finer.Shape)
    | _ -> y
