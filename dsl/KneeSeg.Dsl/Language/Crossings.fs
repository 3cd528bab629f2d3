/// Feature maps that reach a decoder from its encoder by `recall`, as the full-scale skip connections of UNet 3+ do: which
/// they are, and the network without them.
module internal KneeSeg.Dsl.Crossings

open KneeSeg.Dsl.Spec

let rec private stages block =
    let inside = Tree.inside block |> List.map stages |> Set.unionMany

    match block with
    | Stage(name, _) -> Set.add name inside
    | _ -> inside

let private stagesOf blocks =
    blocks |> List.map stages |> Set.unionMany

let rec private recalled names block =
    match block with
    | Recall name when Set.contains name names -> [ name ]
    | block -> Tree.inside block |> List.collect (recalled names)

let private decoder (level: Level) =
    Tree.gate level @ [ level.Up; level.Decode ]

/// The encoder's stages that each level's decoder would recall by name, the finest first. A recall means the nearest stage:
/// one of its own part, then of its level, then the one that ran last.
let private crossing (spec: EncoderDecoder) =
    let everyEncoder = spec.Levels |> List.collect Tree.encoder |> stagesOf

    let level (level: Level) (ranSince: Set<string>) =
        let own = stagesOf (decoder level)
        let names = stagesOf (Tree.encoder level) + (everyEncoder - ranSince) - own
        names, ranSince + own

    List.mapFoldBack level spec.Levels (stages spec.Bottleneck) |> fst

/// The encoder's stages that a block after the encoder-decoder would recall.
let private crossingBehind (spec: EncoderDecoder) =
    (spec.Levels |> List.collect Tree.encoder |> stagesOf)
    - stagesOf (spec.Bottleneck :: List.collect decoder spec.Levels)

let private isJoin block =
    match block with
    | Branches _
    | Stage(_, Branches _) -> true
    | _ -> false

/// A block without what it recalls by these names. A branch that begins with such a feature map goes, and so does a product
/// with one; `None` where nothing else is left.
let rec private cut names block : Block option =
    match block with
    | Recall name when Set.contains name names -> None
    | Stage(name, inner) -> cut names inner |> Option.map (fun inner -> Stage(name, inner))
    | Chain blocks -> cutChain names [] blocks
    | Branches(Multiply, blocks) when blocks |> List.exists (cut names >> Option.isNone) -> None
    | Branches(join, blocks) ->
        match List.choose (cut names) blocks with
        | [] when not blocks.IsEmpty -> None
        | [ only ] -> Some only
        | rest -> Some(Branches(join, rest))
    | block -> Some(Tree.mapInside (without names) block)

/// Where a join inside a chain goes, what comes before it passes on.
and private cutChain names before blocks =
    match blocks with
    | [] -> Some(Blocks.chain (List.rev before))
    | block :: rest ->
        match cut names block with
        | Some kept -> cutChain names (kept :: before) rest
        | None when isJoin block && not before.IsEmpty -> cutChain names before rest
        | None -> None

/// The block as it is where nothing would be left of it.
and private without names block =
    if Set.isEmpty names then
        block
    else
        cut names block |> Option.defaultValue block

/// The blocks of a chain, each with the stages that it would recall of the encoders before it.
let private behind blocks =
    let next names block =
        match block with
        | EncoderDecoder spec -> (Set.empty, block), names + crossingBehind spec
        | block -> (names, block), names - stages block

    List.mapFold next Set.empty blocks |> fst

/// A block in which nothing recalls a stage of an encoder behind it, as far as `left` is empty.
let removed =
    Blocks.rewrite (fun block ->
        match block with
        | EncoderDecoder spec ->
            let level names (level: Level) = {
                level with
                    Up = without names level.Up
                    Decode = without names level.Decode
            }

            EncoderDecoder { spec with Levels = List.map2 level (crossing spec) spec.Levels }
        | Chain blocks -> Blocks.chain [ for names, block in behind blocks -> without names block ]
        | block -> block)

/// The stages of encoders that are recalled behind them.
let left block =
    let rec inside block = [
        match block with
        | EncoderDecoder spec ->
            for names, level in List.zip (crossing spec) spec.Levels do
                yield! decoder level |> List.collect (recalled names)
        | Chain blocks ->
            for names, block in behind blocks do
                yield! recalled names block
        | _ -> ()

        yield! Tree.inside block |> List.collect inside
    ]

    List.distinct (inside block)
