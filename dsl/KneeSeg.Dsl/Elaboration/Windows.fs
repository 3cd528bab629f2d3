/// How windows meet a map: sizes per axis, padding, and how much coarser or finer the result is.
module internal KneeSeg.Dsl.Windows

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Draft

/// An extent as one number per axis.
let along (draft: Draft) at extent =
    let sizes =
        match extent, draft.Network.Rank with
        | Every n, Planar
        | InPlane n, Planar -> [| n; n |]
        | Every n, Volumetric -> [| n; n; n |]
        | InPlane n, Volumetric -> [| 1; n; n |]
        | Axes(d, h, w), Volumetric -> [| d; h; w |]
        | Axes(_, h, w), Planar ->
            draft.Report(at, "gives a size along depth in a 2D network", "Use Every or InPlane")
            [| h; w |]

    for n in sizes |> Array.distinct |> Array.filter (fun n -> n < 1 || n > Limits.extent) do
        draft.Report(at, $"a size of {n}", $"Sizes are from 1 to {Limits.extent}")

    sizes |> Array.map (fun n -> if n > Limits.extent then 1 else max 1 n)

let private reach kernel dilation = dilation * (kernel - 1) + 1

/// What is padded before and after, on one axis, or why the window cannot be centred.
let private pad padding kernel stride dilation =
    let reach = reach kernel dilation

    match padding with
    | Same ->
        // As little as gives n / stride results from n voxels, n a multiple of the stride.
        let total = max 0 (reach - stride)
        Ok(total / 2, total - total / 2)
    | Centred when kernel = stride && dilation = 1 -> Ok(0, 0)
    | Centred when reach % 2 = 1 -> Ok(reach / 2, reach / 2)
    | Centred when stride > 1 -> Ok(reach / 2 - 1, reach / 2 - 1)
    | Centred -> Error()

/// The padding of a window that moves over a map.
let padding (draft: Draft) at rule (kernel: int[]) (stride: int[]) (dilation: int[]) =
    let pads = [|
        for a in 0 .. draft.Axes - 1 ->
            if kernel[a] < stride[a] && kernel[a] > 1 then
                Error $"a window of {kernel[a]} moving by {stride[a]} leaves voxels out",
                $"Use a window of at least {stride[a]}"
            else
                match pad rule kernel[a] stride[a] dilation[a] with
                | Ok pads -> Ok pads, ""
                | Error() ->
                    Error $"a window of {kernel[a]} moving by {stride[a]} cannot be centred",
                    $"Use an odd window, one that moves by {kernel[a]}, or `same` padding"
    |]

    for result, fix in Array.distinct pads do
        match result with
        | Error what -> draft.Report(at, what, fix)
        | Ok _ -> ()

    pads |> Array.map (fst >> Result.defaultValue (0, 0)) |> Array.unzip

/// What a transposed convolution crops from its full result of (n - 1) * stride + kernel, to leave n * stride.
let crop (draft: Draft) at rule (kernel: int[]) (stride: int[]) (dilation: int[]) =
    let crops = [|
        for a in 0 .. draft.Axes - 1 ->
            let total = reach kernel[a] dilation[a] - stride[a]

            if total < 0 then
                Error $"a window of {kernel[a]} that comes up {stride[a]} times leaves gaps",
                $"Use a window of at least {stride[a]}"
            elif total % 2 = 1 && rule = Centred then
                Error $"a window of {kernel[a]} that comes up {stride[a]} times cannot be centred",
                $"Use a window of {kernel[a] + 1}, or `same` padding"
            else
                Ok(total / 2, total - total / 2), ""
    |]

    for result, fix in Array.distinct crops do
        match result with
        | Error what -> draft.Report(at, what, fix)
        | Ok _ -> ()

    crops |> Array.map (fst >> Result.defaultValue (0, 0)) |> Array.unzip

/// The furthest a map may be coarser than the input.
let private coarsest = 1 <<< 16

/// The map as one that is moved over by these steps; a guess where that goes too far.
let coarser (draft: Draft) at (by: int[]) (x: Map) =
    let step a k =
        if k = 0 && by[a] > 1 then
            draft.Report(at, $"moves by {by[a]} over a single voxel", "Leave the step out")
            None
        elif k > coarsest / by[a] then
            draft.Report(at, $"goes down more than {coarsest} times", "Use fewer levels or smaller steps")
            None
        else
            Some(k * by[a])

    let steps = Array.mapi step x.Shape.Coarser

    {
        x with
            Sure = x.Sure && Array.forall Option.isSome steps
            Shape = {
                x.Shape with
                    Coarser = Array.map2 Option.defaultValue x.Shape.Coarser steps
            }
    }

/// The map as one that is so many times finer; a guess where it never was so coarse.
let finer (draft: Draft) at (by: int[]) (x: Map) =
    let cannot =
        Array.zip x.Shape.Coarser by
        |> Array.exists (fun (k, n) -> k % n <> 0 || (k = 0 && n > 1))

    if cannot && x.Sure then
        draft.Report(
            at,
            $"comes up {sizes by} times from a map {sizes x.Shape.Coarser} times coarser than the input",
            "Come up only as far as the network went down"
        )

    {
        x with
            Sure = x.Sure && not cannot
            Shape = {
                x.Shape with
                    Coarser =
                        Array.zip x.Shape.Coarser by
                        |> Array.map (fun (k, n) -> if k % n = 0 then k / n else 1)
            }
    }
