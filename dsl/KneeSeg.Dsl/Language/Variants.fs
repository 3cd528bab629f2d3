/// Functions from network to network that work on any network they make sense for.
module KneeSeg.Dsl.Variants

open System
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Blocks

let private body change (network: Network) = {
    network with
        Body = change network.Body
}

let private highways change =
    rewriteLevels (fun level ->
        match level.Skip with
        | Skip highway -> {
            level with
                Skip = Skip(change highway)
          }
        | NoSkip -> level)
    |> body

/// Every width times `factor`; exact ones, and class counts, stay.
let scaled factor =
    let width width =
        match width with
        | Wide n ->
            let scaled = Math.Round(float n * factor, MidpointRounding.AwayFromZero)
            Wide(int (Math.Clamp(scaled, 1.0, float Int32.MaxValue)))
        | width -> width

    rewriteLayers (function
        | Conv conv -> Conv { conv with Out = width conv.Out }
        | Deconv conv -> Deconv { conv with Out = width conv.Out }
        | Copies out -> Copies(width out)
        | layer -> layer)
    |> body

/// Nothing crosses from encoder to decoder.
let highwayless = body (rewriteLevels (fun level -> { level with Skip = NoSkip }))

/// Oktay et al. 2018: the decoder decides which places cross.
let gated =
    highways (fun highway -> {
        highway with
            Gate = highway.Gate |> Option.orElse (Some attention)
    })

/// Zhou et al. 2018: an answer for every depth, each joined to all earlier ones of its level.
let nested =
    let nest (level: Level) =
        match level.Skip with
        | Skip highway -> {
            level with
                Skip =
                    Skip {
                        highway with
                            Join = Concat
                            Nested = true
                    }
          }
        | NoSkip -> level

    rewrite (function
        // A single level has one answer, nested or not.
        | Ladder(levels, bottom, head) when levels.Length > 1 -> Ladder(List.map nest levels, bottom, head)
        | block -> block)
    |> body

/// A row as units, each a convolution that keeps the map's size and the layers behind it; nothing where the row
/// has more than that, or looks at no neighbours.
let private units row =
    let isSimple block =
        match block with
        | Layer(Conv { Stride = Every 1 })
        | Layer(Norm _ | Act _ | Drop _)
        | Tied(_, Layer(Norm _)) -> true
        | _ -> false

    let starts block =
        match block with
        | Layer(Conv _) -> true
        | _ -> false

    let rec split row =
        match row with
        | Layer(Conv conv) :: tail ->
            let behind = List.takeWhile (starts >> not) tail
            (conv, behind) :: split (List.skip behind.Length tail)
        | _ -> []

    let row = flat row
    let isRow = List.forall isSimple row && List.tryHead row |> Option.exists starts
    let found = if isRow then split row else []

    if found |> List.exists (fun (conv, _) -> conv.Kernel <> Every 1) then
        found
    else
        []

/// Each unit hears its own answer twice more, on maps that have the width of the last.
let private again units =
    let unit (conv, behind) =
        recur 2 (chain (Layer(Conv { conv with Out = keep }) :: behind))

    chain (List.map unit units)

/// A convolution of window 1 to the width of a row of units.
let private widthOf units =
    let last, _ = List.last units

    Layer(
        Conv {
            last with
                Kernel = Every 1
                Dilation = Every 1
        }
    )

/// Alom et al. 2018: an encoder, decoder or bottom that is a row of convolutions becomes one convolution to its
/// width and a residual of recurrent ones; inside a residual of convolutions of one width, these recur.
let recurrent =
    let residuals =
        rewrite (function
            | Fork(Add, [ shortcut; side ]) as block ->
                let found = units side

                match found |> List.map (fun (conv, _) -> conv.Out) |> List.distinct with
                | [ Part 1 ] -> beside shortcut (again found)
                | [ _ ] -> beside shortcut (chain [ widthOf found; again found ])
                | _ -> block
            | block -> block)

    let rec place block =
        match block, units block with
        | Stage(name, inner), _ -> Stage(name, place inner)
        | _, [] -> residuals block
        | _, found -> chain [ widthOf found; residual (again found) ]

    let level (level: Level) = {
        level with
            Encode = place level.Encode
            Decode = place level.Decode
    }

    rewrite (function
        | Ladder(levels, bottom, head) -> Ladder(List.map level levels, place bottom, head)
        | block -> block)
    |> body

/// Whether a row makes its map a vector.
let private makesVector block =
    match flat block with
    | (Given _ | Layer(Grid _ | Collapse(_, Whole))) :: _ -> true
    | _ -> false

/// Another kind of normalisation for maps; vectors keep theirs, since most kinds leave nothing of a single number.
let normed over =
    rewriteBut makesVector (function
        | Layer(Norm norm) -> Layer(Norm { norm with Over = over })
        | block -> block)
    |> body

let private knowsPosition = has ((=) (Given Position))

/// A vector told to the first map that comes up, before it is joined.
let tell vector =
    let tellLevel (level: Level) =
        match level.Scale with
        | Through(down, up) -> {
            level with
                Scale = Through(down, chain [ up; told vector ])
          }
        | Unpool _ -> {
            level with
                Decode = chain [ told vector; level.Decode ]
          }

    let atDeepest (levels: Level list, bottom, head) =
        match List.rev levels with
        | deepest :: above -> List.rev (tellLevel deepest :: above), bottom, head
        | [] -> levels, bottom, head

    body (rewriteFirstLadder atDeepest)

/// The patch's place in the knee, told to the first map that comes up.
let relative network =
    if knowsPosition network.Body then
        network
    else
        tell position network

let private isSliced network =
    flat network.Body |> List.contains collapse

/// Lee et al. 2015: in training, the answers of all levels are held against the labels, each through a
/// classifier of its own.
let deep network =
    let head =
        if isSliced network then
            chain [ classify; collapse ]
        else
            classify

    let supervise (levels: Level list, bottom, own) =
        levels,
        bottom,
        (if levels.Length > 1 then
             Option.orElse (Some head) own
         else
             own)

    body (rewriteFirstLadder supervise) network

/// The same network for volumes.
let volumetric network = { network with Rank = Volumetric }

let private isEven n = n % 2 = 0

/// Depth never gets coarser: for stacks of few slices. Windows that are even go with coming down or up
/// and lose their depth; odd ones still look along it.
let thin network =
    let flat extent =
        match extent with
        | Every n when n > 1 -> InPlane n
        | Axes(_, h, w) -> Axes(1, h, w)
        | extent -> extent

    let window extent =
        match extent with
        | Every n
        | Axes(n, _, _) when isEven n -> flat extent
        | extent -> extent

    let conv (conv: Conv) = {
        conv with
            Stride = flat conv.Stride
            Kernel = window conv.Kernel
    }

    let layer layer =
        match layer with
        | Conv spec -> Conv(conv spec)
        | Deconv spec -> Deconv(conv spec)
        | Pool pool ->
            Pool {
                pool with
                    Size = window pool.Size
                    Stride = flat pool.Stride
            }
        | Repeat by -> Repeat(flat by)
        | Interpolate(by, alignCorners) -> Interpolate(flat by, alignCorners)
        | layer -> layer

    let level level =
        match level.Scale with
        | Unpool by -> { level with Scale = Unpool(flat by) }
        | Through _ -> level

    match network.Rank with
    | Volumetric -> network |> body (rewriteLayers layer >> rewriteLevels level)
    | Planar -> network

/// A few slices in, one slice out: the mean of their logits.
let slice network =
    let collapseHead (levels, bottom, head) =
        levels, bottom, head |> Option.map (fun head -> chain [ head; collapse ])

    match network.Rank with
    | Volumetric when not (isSliced network) ->
        network
        |> thin
        |> body (fun whole -> chain [ rewriteFirstLadder collapseHead whole; collapse ])
    | _ -> network
