/// Kernels on feature maps: sizes per axis, padding, and the stride of the result.
module internal KneeSeg.Dsl.Windows

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.GraphBuilder

/// A size as one number per axis.
let along (builder: GraphBuilder) at size =
    let sizes =
        match size, builder.Network.SpatialDims with
        | Isotropic n, TwoD
        | InPlane n, TwoD -> [| n; n |]
        | Isotropic n, ThreeD -> [| n; n; n |]
        | InPlane n, ThreeD -> [| 1; n; n |]
        | Axes(d, h, w), ThreeD -> [| d; h; w |]
        | Axes(_, h, w), TwoD ->
            builder.Report(
                at,
                "this size has a depth, but the network is 2D",
                "Use one number for both axes, or `network3d`"
            )

            [| h; w |]

    for n in sizes |> Array.distinct |> Array.filter (fun n -> n < 1 || n > Limits.size) do
        builder.Report(at, $"size {n} is out of range", $"Use 1 to {Limits.size}")

    sizes |> Array.map (fun n -> if n > Limits.size then 1 else max 1 n)

/// The voxels before and after on each axis; an error counts as none.
let private report (builder: GraphBuilder) at (axes: Result<int * int, string * string>[]) =
    for result in Array.distinct axes do
        match result with
        | Error(what, fix) -> builder.Report(at, what, fix)
        | Ok _ -> ()

    axes |> Array.map (Result.defaultValue (0, 0)) |> Array.unzip

/// The padding before and after, on one axis; none where it cannot be symmetric.
let private pad padding kernel stride dilation =
    let reach = Kernel.reach kernel dilation

    match padding with
    | Same ->
        // As little as gives n / stride results from n voxels, n a multiple of the stride.
        let total = max 0 (reach - stride)
        Some(total / 2, total - total / 2)
    | Symmetric when kernel = stride && dilation = 1 -> Some(0, 0)
    | Symmetric when reach % 2 = 1 -> Some(reach / 2, reach / 2)
    | Symmetric when stride > 1 -> Some(reach / 2 - 1, reach / 2 - 1)
    | Symmetric -> None

/// The padding of a convolution or pool.
let padding (builder: GraphBuilder) at rule (kernel: int[]) (stride: int[]) (dilation: int[]) =
    let window = $"a {sizes kernel} kernel with stride {uniform stride}"

    Array.init builder.Axes (fun a ->
        if kernel[a] < stride[a] && kernel[a] > 1 then
            Error($"{window} skips voxels", $"Use a kernel of at least {stride[a]}")
        else
            match pad rule kernel[a] stride[a] dilation[a] with
            | Some pads -> Ok pads
            | None ->
                Error(
                    $"{window} cannot be padded symmetrically",
                    $"Use an odd kernel, a stride of {kernel[a]}, or `samePadding`"
                ))
    |> report builder at

/// What a transposed convolution crops from its full result of (n - 1) * stride + kernel, to leave n * stride.
let crop (builder: GraphBuilder) at rule (kernel: int[]) (stride: int[]) (dilation: int[]) =
    let window = $"a transposed {sizes kernel} kernel with stride {uniform stride}"

    Array.init builder.Axes (fun a ->
        let total = Kernel.reach kernel[a] dilation[a] - stride[a]

        if total < 0 then
            Error($"{window} leaves gaps", $"Use a kernel of at least {stride[a]}")
        elif total % 2 = 1 && rule = Symmetric then
            Error(
                $"{window} cannot be cropped symmetrically",
                $"Use a kernel of {kernel[a] + 1}, or `samePadding`"
            )
        else
            Ok(total / 2, total - total / 2))
    |> report builder at

/// The largest stride of a feature map.
let private coarsest = 1 <<< 16

/// The feature map downsampled by these strides; a guess where that goes too far.
let coarser (builder: GraphBuilder) at (by: int[]) (x: Map) =
    let step a k =
        if k = 0 && by[a] > 1 then
            builder.Report(at, $"a stride of {by[a]} over a single voxel", "Remove the stride")
            None
        elif k > coarsest / by[a] then
            builder.Report(
                at,
                $"downsamples more than {coarsest} times",
                "Use fewer levels or smaller strides"
            )

            None
        else
            Some(k * by[a])

    let steps = Array.mapi step x.Shape.Stride

    {
        x with
            Sure = x.Sure && Array.forall Option.isSome steps
            Shape = { x.Shape with Stride = Array.map2 Option.defaultValue x.Shape.Stride steps }
    }

/// The feature map upsampled by these factors; a guess where it never was downsampled so far.
let finer (builder: GraphBuilder) at (by: int[]) (x: Map) =
    let cannot =
        Array.zip x.Shape.Stride by
        |> Array.exists (fun (k, n) -> k % n <> 0 || (k = 0 && n > 1))

    if cannot && x.Sure then
        builder.Report(
            at,
            $"cannot upsample by {uniform by} from stride {sizes x.Shape.Stride}",
            "Upsample only as far as the network downsampled"
        )

    {
        x with
            Sure = x.Sure && not cannot
            Shape = {
                x.Shape with
                    Stride =
                        Array.zip x.Shape.Stride by
                        |> Array.map (fun (k, n) -> if k % n = 0 then k / n else 1)
            }
    }
