/// Blocks to operations: rows, forks, cascades, recurrences and ladders.
module internal KneeSeg.Dsl.Assembly

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Draft
open KneeSeg.Dsl.Joins

/// Whether a block's width follows that of the other sides of its join.
let rec private follows block =
    match block with
    | Layer(Conv { Out = Like })
    | Layer(Deconv { Out = Like })
    | Layer(Copies Like) -> true
    | Fork((Add | Multiply), sides) -> not sides.IsEmpty && List.forall follows sides
    // A gate's decoder follows its encoder.
    | Ladder(levels, bottom, _) ->
        let isOwn (place, _) = place <> "gate"

        let parts = levels |> List.collect Tree.places |> List.filter isOwn |> List.map snd

        List.exists follows (bottom :: parts)
    | block -> List.exists follows (Tree.inside block)

/// What coming up to a level gives: its own answers with their places, from rough to refined, and those that
/// heads may look at before the last.
type private Climb = {
    Answers: (Place * Map) list
    Earlier: (Place * Map) list
} with

    member climb.Last = climb.Answers |> List.last |> snd
    static member from answers earlier = { Answers = answers; Earlier = earlier }

/// A row of blocks, one after another.
let rec row (draft: Draft) (at: Place) spec (x: Map) : Map =
    let next x (step, block) =
        match block with
        | Tied(word, inner) ->
            Steps.check draft at word
            row draft (shared at step word) inner x
        | Stage(word, inner) ->
            Steps.check draft at word
            let stage = part at step
            let answer = row draft stage inner x
            draft.Answered(stage, answer)
            answer
        | Ladder(levels, bottom, head) ->
            // The levels of a row's first encoder-decoder need no name around theirs.
            let at = if step = Step.EncoderDecoder 1 then at else at </> step

            ladder draft at levels bottom head x
        | block -> element draft (at </> step) block x

    Steps.row draft at spec |> List.fold next x

and private element draft at block x =
    match block with
    | Layer layer -> Layers.layer draft at layer x
    | Given signal -> draft.Given signal
    | Recall stage -> recall draft at stage x
    | Fork(how, sides) -> fork draft at how sides x
    | Cascade spec -> cascade draft at spec x
    | Recur(times, inner) -> recur draft at times inner x
    | Chain _
    | Tied _
    | Stage _
    | Ladder _ -> row draft at block x

and private recall draft at stage x =
    match draft.Recall(at, stage) with
    | Some map -> map
    | None ->
        let unknown = Problem.unknown "stage" draft.Stages stage

        draft.Report(
            at,
            $"no stage called '{stage}' has answered before this",
            (if draft.Stages.IsEmpty then
                 "Name one with `stage`"
             else
                 unknown.Fix)
        )

        { x with Sure = false }

and private fork draft at how sides x =
    let side like (i, side) =
        i,
        row
            draft
            {
                (at </> Step.Side(i + 1)) with
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
        let at = at </> Step.DenseLayer(i + 1)

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
        row draft at inner (join draft (at </> Step.Add) Add [ x; y ])

    [ 2 .. times + 1 ] |> List.fold again (row draft (pass at 1) inner x)

/// A ladder's last answer; in training its heads look at those before.
and private ladder draft at levels bottom head x =
    let answer = climb draft at 1 levels bottom x

    match head, answer.Earlier with
    | None, _ -> ()
    | Some _, [] ->
        draft.Report(
            at </> Step.Head,
            "looks at a ladder's answers before its last, and there are none",
            "Give the ladder two levels or more, or leave the head out"
        )
    | Some head, earlier ->
        for at, map in earlier do
            draft.Head(fun () -> row draft (part at Step.Head) head map)

    answer.Last

/// Down a ladder's levels and back. A plain level gives one answer; a nested level gives one for the encoder's
/// own map and one more for each answer from below.
and private climb draft outer depth levels bottom x : Climb =
    match levels with
    | [] -> Climb.from [ outer, row draft (part outer Step.Bottleneck) bottom x ] []
    | level :: rest ->
        let at = outer </> Step.Level depth
        let encoded = row draft (part at Step.Encode) level.Encode x
        let inside = climb draft outer (depth + 1) rest bottom

        let below, up =
            match level.Scale with
            | Through(down, up) ->
                inside (row draft (part at Step.Down) down encoded),
                (fun at y -> row draft (part at Step.Up) up y)
            | Unpool by ->
                let pooled = pool draft (at </> Step.Down) by encoded
                inside pooled, (fun at y -> unpool draft (at </> Step.Up) pooled encoded y)

        let decode at crossing answer =
            let risen = up at answer
            row draft (part at Step.Decode) level.Decode (meet draft at level.Skip crossing risen)

        // What is below the last level is no decoder's answer.
        let rougher =
            if rest.IsEmpty then
                []
            else
                below.Earlier @ [ List.last below.Answers ]

        match level.Skip with
        | Skip highway ->
            let over = row draft (part at Step.Skip) highway.Path encoded

            if highway.Nested then
                let answer made (i, (_, below)) =
                    let at = at </> Step.Answer(i + 1)
                    made @ [ at, decode at (List.map snd made) below ]

                let answers = List.indexed below.Answers |> List.fold answer [ at, over ]

                // Nested over a single answer is no more than plain.
                match answers |> List.truncate (answers.Length - 1) |> List.tail with
                | [] -> Climb.from answers rougher
                | earlier -> Climb.from answers earlier
            else
                Climb.from [ at, decode at [ over ] below.Last ] rougher
        | NoSkip -> Climb.from [ at, decode at [] below.Last ] rougher

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
                    (gate draft (at </> Step.Gate) spec (List.last crossing) risen)
                    crossing
            | None -> crossing

        join
            draft
            (at </> Step.Join)
            highway.Join
            (if highway.RisenFirst then
                 risen :: crossing
             else
                 crossing @ [ risen ])

and private gate draft at spec over risen =
    let encoder = row draft (part at Step.GateEncoder) spec.Encoder over

    let decoder =
        row
            draft
            {
                (part at Step.GateDecoder) with
                    Like = Some(channels encoder)
            }
            spec.Decoder
            risen

    let mask =
        row draft (part at Step.Mask) spec.Mask (join draft (at </> Step.Add) Add [ encoder; decoder ])

    join draft (at </> Step.Multiply) Multiply [ over; mask ]

and private pool draft at by x =
    let by = Windows.along draft at by
    let none = Array.map (fun _ -> 0) by

    let op = {
        Size = by
        Stride = by
        Before = none
        After = none
    }

    let coarser = Windows.coarser draft at by x
    draft.Emit(at, Op.MaxPool op, [ coarser ], coarser.Shape)

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
