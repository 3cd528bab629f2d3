/// Where a chain of blocks downsamples, from the strides of its layers.
module internal KneeSeg.Dsl.Backbone

open KneeSeg.Dsl.Spec

let private unchanged = 1.0, 1.0, 1.0

let private times (a, b, c) (d, h, w) = a * d, b * h, c * w

/// By how much a block downsamples along each axis; below 1 it upsamples. Nothing for what is no map of the chain's: a vector,
/// or the output of another stage.
let rec private factor block : (float * float * float) option =
    let stride size =
        match size with
        | Isotropic n -> float n, float n, float n
        | InPlane n -> 1.0, float n, float n
        | Axes(d, h, w) -> float d, float h, float w

    let each change (d, h, w) = change d, change h, change w

    match block with
    | Layer(Conv { Stride = size } | Pool { Stride = size } | SpaceToChannels(size, _)) -> Some(stride size)
    | Layer(Deconv { Stride = size })
    | Layer(UpsampleNearest size | UpsampleLinear(size, _) | ChannelsToSpace(size, _)) ->
        Some(stride size |> each (fun n -> 1.0 / n))
    | Layer(Reduce(_, Global) | AdaptiveAvgPool _)
    | Input _
    | Recall _ -> None
    | Chain blocks ->
        (Some unchanged, blocks)
        ||> List.fold (fun all block -> Option.map2 times all (factor block))
    | Branches(_, blocks) -> List.tryPick factor blocks
    | Recurrent(_, inner)
    | Tied(_, inner)
    | Shared(_, inner)
    | Stage(_, inner) -> factor inner
    | Layer _
    | DenseBlock _
    | EncoderDecoder _
    | Output _ -> Some unchanged

let private downsamples block =
    match factor block with
    | Some(d, h, w) -> d > 1.0 || h > 1.0 || w > 1.0
    | None -> false

/// The blocks up to where the resolution is back at what it was, if the first one downsamples.
let private andBack blocks =
    match blocks with
    | first :: _ when downsamples first ->
        blocks
        |> List.scan (fun all block -> Option.map2 times all (factor block)) (Some unchanged)
        |> List.tail
        |> List.tryFindIndexBack ((=) (Some unchanged))
        |> Option.map ((+) 1)
    | _ -> None

/// A chain at its resolutions: what stands before it first downsamples, then each block that downsamples, by how much, and what
/// stands after it.
type Resolutions = { First: Block; Downs: (Block * Size * Block) list }

let private join before after =
    match List.rev before.Downs with
    | [] -> { after with First = Blocks.chain [ before.First; after.First ] }
    | (down, by, rest) :: earlier ->
        let last = down, by, Blocks.chain [ rest; after.First ]
        { before with Downs = List.rev (last :: earlier) @ after.Downs }

/// Opens chains and stages; a stage's name stays on each of its parts.
let rec private split block : Resolutions =
    match block with
    | Chain blocks ->
        let rec next before blocks =
            match blocks, andBack blocks with
            | [], _ -> before
            | _, Some count ->
                let same, rest = List.splitAt count blocks
                next (join before { First = Chain same; Downs = [] }) rest
            | first :: rest, None -> next (join before (split first)) rest

        next { First = Chain []; Downs = [] } blocks
    | Stage(name, inner) ->
        let named part =
            if part = Chain [] then part else Stage(name, part)

        match split inner with
        | { Downs = [] } -> { First = block; Downs = [] }
        | inner -> {
            First = named inner.First
            Downs = [ for down, by, rest in inner.Downs -> named down, by, named rest ]
          }
    | block ->
        match factor block with
        | Some(d, h, w) when downsamples block ->
            let by =
                if h <> w then Axes(int d, int h, int w)
                elif d = h then Isotropic(int h)
                elif d = 1.0 then InPlane(int h)
                else Axes(int d, int h, int w)

            { First = Chain []; Downs = [ block, by, Chain [] ] }
        | _ -> { First = block; Downs = [] }

/// The chain at its resolutions; none where it ends as no map of its own.
let resolutions block : Resolutions option =
    factor block |> Option.map (fun _ -> split block)

/// A name for a block that downsamples, such as "conv" or "block in layer2".
let rec name block =
    match block with
    | Stage(stage, inner) -> $"{name inner} in {stage}"
    | Layer(Conv _) -> "conv"
    | Layer(Pool _) -> "pool"
    | _ -> "block"
