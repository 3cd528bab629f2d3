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
    highways (fun highway -> {
        highway with
            Join = Concat
            Nested = true
    })

let private knowsPosition = has ((=) (Given Position))

/// The patch's place in the knee, told to the first map that comes up.
let relative network =
    let tell (level: Level) =
        match level.Scale with
        | Through(down, up) -> {
            level with
                Scale = Through(down, chain [ up; told ])
          }
        | Unpool _ -> {
            level with
                Decode = chain [ told; level.Decode ]
          }

    let atDeepest (levels: Level list, bottom) =
        match List.rev levels with
        | deepest :: above -> List.rev (tell deepest :: above), bottom
        | [] -> levels, bottom

    if knowsPosition network.Body then
        network
    else
        body (rewriteFirstLadder atDeepest) network

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
    match network.Rank with
    | Volumetric when not (List.contains collapse (flat network.Body)) ->
        network |> thin |> body (fun whole -> chain [ whole; collapse ])
    | _ -> network
