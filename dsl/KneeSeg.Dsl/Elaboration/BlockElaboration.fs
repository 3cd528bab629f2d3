/// Blocks to operations: chains, branches, dense blocks, recurrences and encoder-decoders.
module internal KneeSeg.Dsl.BlockElaboration

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.GraphBuilder
open KneeSeg.Dsl.Merge

/// Whether a block's width follows that of the other branches of its join.
let rec private follows block =
    match block with
    | Layer(Conv { Out = Matching })
    | Layer(Deconv { Out = Matching })
    | Layer(TileChannels Matching)
    | Layer(PadChannels Matching) -> true
    | Branches((Add | Multiply), blocks) -> not blocks.IsEmpty && List.forall follows blocks
    // A gate's decoder follows its encoder.
    | EncoderDecoder spec ->
        let parts level =
            Tree.encoder level @ [ level.Up; level.Decode ]

        List.exists follows (spec.Bottleneck :: List.collect parts spec.Levels)
    | Output _ -> false
    | block -> List.exists follows (Tree.inside block)

/// A level's decoder outputs with their places, the coarsest first (UNet++ has several), and those that heads are applied to
/// beside the last.
type private Decoded = {
    Outputs: (Place * Map) list
    Earlier: (Place * Map) list
} with

    member decoded.Last = decoded.Outputs |> List.last |> snd
    static member from outputs earlier = { Outputs = outputs; Earlier = earlier }

/// A chain of blocks, one after another.
let rec row (builder: GraphBuilder) (at: Place) spec (x: Map) : Map =
    let next x (step, block) =
        match block with
        | Tied(word, inner) ->
            Steps.check builder "stage" at word
            builder.Tie(at, step, word)
            row builder (tied at step word) inner x
        | Shared(word, inner) ->
            Steps.check builder "stage" at word

            if not (builder.Share(word, inner)) then
                builder.Report(
                    at </> step,
                    $"the name '{word}' is shared by different blocks",
                    $"Give the block a name, `let block = shared \"{word}\" (...)`, and use that everywhere"
                )

            row builder (shared at step word) inner x
        | Stage(word, inner) ->
            Steps.check builder "stage" at word
            let stage = { part at step with Pooled = at.Pooled }
            let output = row builder stage inner x
            builder.Remember(stage, output)
            output
        | EncoderDecoder spec ->
            // The levels of a row's first encoder-decoder need no name around theirs.
            let at = if step = Step.EncoderDecoder 1 then at else at </> step

            encoderDecoder builder at spec x
        | Output spec ->
            Steps.check builder "output" at spec.Name

            builder.Add {
                Name = spec.Name
                At = at </> Step.Output spec.Name
                Target = spec.Target
                Map = row builder (part at step) spec.Head x
            }

            x
        | block -> element builder (at </> step) block x

    Steps.row builder at spec |> List.fold next x

and private element builder at block x =
    match block with
    | Layer layer -> Layers.layer builder at layer x
    | Input input -> builder.Input input
    | Recall stage -> recall builder at stage x
    | Branches(how, blocks) -> branches builder at how blocks x
    | DenseBlock spec -> denseBlock builder at spec x
    | Recurrent(times, inner) -> recurrent builder at times inner x
    | Chain _
    | Tied _
    | Shared _
    | Stage _
    | Output _
    | EncoderDecoder _ -> row builder at block x

and private recall builder at stage x =
    match builder.Recall(at, stage) with
    | Some map -> map
    | None ->
        let unknown = Diagnostic.unknown "stage" builder.Stages stage

        builder.Report(
            at,
            $"no earlier stage is named '{stage}'",
            (if builder.Stages.IsEmpty then
                 "Name one with `stage`"
             else
                 unknown.Fix)
        )

        { x with Sure = false }

and private branches builder at how blocks x =
    let branch matching (i, block) =
        i, row builder { (at </> Step.Side(i + 1)) with Matching = matching } block x

    let maps =
        match how with
        | Concat -> List.indexed blocks |> List.map (branch at.Matching)
        | Add
        | Multiply ->
            // Branches that follow the others in width come after them.
            let following, leading = List.indexed blocks |> List.partition (snd >> follows)
            let led = leading |> List.map (branch None)

            let matching =
                match led with
                | [] -> at.Matching
                | led -> Some(led |> List.map (snd >> channels) |> List.max)

            led @ List.map (branch matching) following

    if blocks.IsEmpty then
        builder.Report(at, "there are no branches to join", "Give at least one block")
        x
    else
        maps |> List.sortBy fst |> List.map snd |> join builder at how

and private denseBlock builder at spec x =
    let step made (i, inner) =
        let at = at </> Step.DenseLayer(i + 1)

        let input =
            match made with
            | [] -> x
            | _ when spec.AllPrevious -> join builder at Concat (x :: List.rev made)
            | last :: _ -> last

        row builder at inner input :: made

    let made = List.indexed spec.Steps |> List.fold step [] |> List.rev

    match (if spec.IncludeInput then x :: made else made) with
    | [] ->
        builder.Report(at, "this dense block has no steps", "Give at least one block")
        x
    | kept -> join builder at Concat kept

and private recurrent builder at times inner x =
    if times < 0 then
        builder.Report(at, $"this block is repeated {times} times", "Use 0 or more")

    let again y n =
        let at = pass at n
        row builder at inner (join builder (at </> Step.Add) Add [ x; y ])

    [ 2 .. times + 1 ] |> List.fold again (row builder (pass at 1) inner x)

/// The last decoder output; the head makes named outputs of those before.
and private encoderDecoder builder at spec x =
    let decoded = decode builder at 1 spec.Levels spec.Bottleneck x

    match spec.Head, decoded.Earlier with
    | None, _ -> ()
    | Some _, [] ->
        builder.Report(
            at </> Step.Head,
            "deep supervision needs at least two levels",
            "Add a level, or remove `deepSupervision`"
        )
    | Some head, earlier ->
        for at, map in earlier do
            let at = part at Step.Head
            let before = builder.Outputs |> List.filter _.At.Trail.Head.IsHead

            builder.Add {
                Name = $"deep {before.Length + 1}"
                At = at
                Target = Labels
                Map = row builder at head map
            }

    decoded.Last

/// Down the levels and back. A plain level has one output; a nested one has one for the encoder's own feature map and one
/// more for each output of the level below.
and private decode builder outer depth levels bottleneck x : Decoded =
    match levels with
    | [] -> Decoded.from [ outer, row builder (part outer Step.Bottleneck) bottleneck x ] []
    | level :: rest ->
        let at = outer </> Step.Level depth
        let encoded = row builder (part at Step.Encode) level.Encode x
        let down = row builder (part at Step.Down) level.Down encoded
        let below = decode builder outer (depth + 1) rest bottleneck down

        let up at output =
            row builder { (part at Step.Up) with Pooled = Some down } level.Up output

        let decode at skips output =
            let upsampled = up at output
            row builder (part at Step.Decode) level.Decode (connect builder at level.Skip skips upsampled)

        // The bottleneck is no decoder.
        let coarser =
            if rest.IsEmpty then
                []
            else
                below.Earlier @ [ List.last below.Outputs ]

        match level.Skip with
        | Skip connection ->
            let skip = row builder (part at Step.Skip) connection.Via encoded

            if connection.Nested then
                let output made (i, (_, below)) =
                    let at = at </> Step.Answer(i + 1)
                    made @ [ at, decode at (List.map snd made) below ]

                let outputs = List.indexed below.Outputs |> List.fold output [ at, skip ]

                // Nested over a single output is the same as plain.
                match outputs |> List.truncate (outputs.Length - 1) |> List.tail with
                | [] -> Decoded.from outputs coarser
                | earlier -> Decoded.from outputs earlier
            else
                Decoded.from [ at, decode at [ skip ] below.Last ] coarser
        | NoSkip -> Decoded.from [ at, decode at [] below.Last ] coarser

/// Joins the skips with the upsampled feature map.
and private connect builder at skip skips upsampled =
    match skip with
    | NoSkip -> upsampled
    | Skip connection ->
        let skips =
            match connection.Gate with
            | Some spec ->
                // Of nested skips, the gate is on the newest.
                List.updateAt
                    (skips.Length - 1)
                    (gate builder (at </> Step.Gate) spec (List.last skips) upsampled)
                    skips
            | None -> skips

        join
            builder
            (at </> Step.Join)
            connection.Join
            (if connection.DecoderFirst then
                 upsampled :: skips
             else
                 skips @ [ upsampled ])

and private gate builder at spec skip upsampled =
    let encoder = row builder (part at Step.GateEncoder) spec.Encoder skip

    let decoder =
        row
            builder
            { (part at Step.GateDecoder) with Matching = Some(channels encoder) }
            spec.Decoder
            upsampled

    let mask =
        row builder (part at Step.Mask) spec.Mask (join builder (at </> Step.Add) Add [ encoder; decoder ])

    join builder (at </> Step.Multiply) Multiply [ skip; mask ]
