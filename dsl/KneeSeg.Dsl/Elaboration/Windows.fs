/// Kernels on feature maps: sizes per axis, padding, and the stride of the result.
module internal KneeSeg.Dsl.Windows

open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.GraphBuilder

/// A size as one number per axis; what `InPlane` leaves alone has the flat one.
let private numbers (builder: GraphBuilder) at flat size =
    match size, builder.Network.SpatialDims with
    | Isotropic n, TwoD
    | InPlane n, TwoD -> [| n; n |]
    | Isotropic n, ThreeD -> [| n; n; n |]
    | InPlane n, ThreeD -> [| flat; n; n |]
    | Axes(d, h, w), ThreeD -> [| d; h; w |]
    | Axes(_, h, w), TwoD ->
        builder.Report(
            at,
            "this size has a depth, but the network is 2D",
            "Use one number for both axes, or `network3d`"
        )

        [| h; w |]

/// A size as one number per axis.
let along (builder: GraphBuilder) at size =
    let sizes = numbers builder at 1 size

    for n in sizes |> Array.distinct |> Array.filter (fun n -> n < 1 || n > Limits.size) do
        builder.Report(at, $"size {n} is out of range", $"Use 1 to {Limits.size}")

    sizes |> Array.map (fun n -> if n > Limits.size then 1 else max 1 n)

/// Voxels before and after as one number each per axis, of which none is smaller than this; nothing where one is out of range.
let sides (builder: GraphBuilder) at least before after =
    let both = Array.append (numbers builder at 0 before) (numbers builder at 0 after)

    let wrong = both |> Array.filter (fun n -> n < least || n > Limits.size)

    for n in Array.distinct wrong do
        builder.Report(at, $"a padding of {n} is out of range", $"Use {least} to {Limits.size}")

    if wrong.Length > 0 then
        None
    else
        Some(Array.splitAt builder.Axes both)

/// As little padding as gives n / stride results from n voxels, n a multiple of the stride.
let private least reach stride =
    let total = max 0 (reach - stride)
    total / 2, total - total / 2

/// The padding before and after, on one axis; none where it cannot be symmetric.
let private symmetric kernel stride dilation =
    let reach = Kernel.reach kernel dilation

    if kernel = stride && dilation = 1 then Some(0, 0)
    elif reach % 2 = 1 then Some(reach / 2, reach / 2)
    elif stride > 1 then Some(reach / 2 - 1, reach / 2 - 1)
    else None

/// The voxels before and after on each axis, or what is wrong; after an error a guess that keeps the size.
let private report (builder: GraphBuilder) at guess (axis: int -> Result<int * int, string * string>) =
    let axes = Array.init builder.Axes axis

    for result in Array.distinct axes do
        match result with
        | Error(what, fix) -> builder.Report(at, what, fix)
        | Ok _ -> ()

    axes
    |> Array.mapi (fun axis result -> result |> Result.defaultValue (guess axis))
    |> Array.unzip

/// The voxels that a padding names for each side of an axis; none where they follow from the kernel.
let private given (builder: GraphBuilder) at padding guess =
    match padding with
    | Explicit(before, after) ->
        match sides builder at 0 before after with
        | Some(before, after) -> fun axis -> Some(before[axis], after[axis])
        | None -> guess >> Some
    | Symmetric
    | Same -> fun _ -> None

/// The padding of a convolution or pool.
let padding (builder: GraphBuilder) at rule (kernel: int[]) (stride: int[]) (dilation: int[]) =
    let window = $"a {sizes kernel} kernel with stride {uniform stride}"

    let guess axis =
        least (Kernel.reach kernel[axis] dilation[axis]) stride[axis]

    let given = given builder at rule guess

    report builder at guess (fun a ->
        if kernel[a] < stride[a] && kernel[a] > 1 then
            Error($"{window} skips voxels", $"Use a kernel of at least {stride[a]}")
        else
            let found =
                if rule = Same then
                    Some(guess a)
                else
                    given a
                    |> Option.orElseWith (fun () -> symmetric kernel[a] stride[a] dilation[a])

            match found with
            | Some pads -> Ok pads
            | None ->
                Error(
                    $"{window} cannot be padded symmetrically",
                    $"Use an odd kernel, a stride of {kernel[a]}, `samePadding` or `padded`"
                ))

/// What a transposed convolution crops from its full result of (n - 1) * stride + kernel: to leave n * stride, unless it says
/// otherwise.
let crop (builder: GraphBuilder) at rule (kernel: int[]) (stride: int[]) (dilation: int[]) =
    let window = $"a transposed {sizes kernel} kernel with stride {uniform stride}"

    let total a =
        Kernel.reach kernel[a] dilation[a] - stride[a]

    let guess a = total a / 2, total a - total a / 2
    let given = given builder at rule guess

    report builder at guess (fun a ->
        match given a with
        | Some sides -> Ok sides
        | None when total a < 0 -> Error($"{window} leaves gaps", $"Use a kernel of at least {stride[a]}")
        | None when total a % 2 = 1 && rule = Symmetric ->
            Error(
                $"{window} cannot be cropped symmetrically",
                $"Use a kernel of {kernel[a] + 1}, `samePadding` or `padded`"
            )
        | None -> Ok(guess a))

/// The largest stride of a feature map.
let private coarsest = 1 <<< 16

/// The voxels beyond size / stride after a change from so many on an axis; a guess where that cannot be. A single voxel must
/// remain one.
let private resized (builder: GraphBuilder) at (change: int -> int -> int) (shape: Shape) =
    let along a k =
        if k = 0 then
            match change a 1 with
            | 1 -> Some 0
            | voxels ->
                builder.Report(
                    at,
                    $"makes {voxels} voxels of a single one",
                    "Use a kernel of 1 along that axis, or padding that keeps it"
                )

                None
        else
            let extra = change a shape.Extra[a]

            if abs extra > Limits.axis then
                builder.Report(
                    at,
                    $"pads or crops more than {Limits.axis} voxels in all",
                    "Use a padding that keeps the size"
                )

                None
            else
                Some extra

    let extra = Array.mapi along shape.Stride
    Array.map (Option.defaultValue 0) extra, Array.forall Option.isSome extra

/// What a window of this reach leaves of voxels beyond size / stride, on an axis: for n voxels it makes
/// (n + before + after - reach) / stride + 1, and n - extra is a multiple of the stride.
let moved (reach: int -> int) (stride: int[]) (before: int[]) (after: int[]) a extra =
    Rounded.down (extra + before[a] + after[a] - reach a) stride[a] + 1

/// The same of a transposed window.
let transposed (reach: int -> int) (stride: int[]) (before: int[]) (after: int[]) a extra =
    (extra - 1) * stride[a] + reach a - before[a] - after[a]

/// The same of upsampling.
let times (by: int[]) a extra = extra * by[a]

/// The feature map with another size at the same stride.
let padded (builder: GraphBuilder) at (before: int[]) (after: int[]) (x: Map) =
    let extra, fits =
        resized builder at (fun a extra -> extra + before[a] + after[a]) x.Shape

    { x with Sure = x.Sure && fits; Shape = { x.Shape with Extra = extra } }

/// The feature map downsampled by these strides; a guess where that goes too far.
let coarser (builder: GraphBuilder) at (by: int[]) change (x: Map) =
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

    if Array.forall Option.isSome steps then
        let extra, fits = resized builder at change x.Shape

        {
            x with
                Sure = x.Sure && fits
                Shape = { x.Shape with Stride = Array.map Option.get steps; Extra = extra }
        }
    else
        {
            x with
                Sure = false
                Shape = { x.Shape with Stride = Array.map2 Option.defaultValue x.Shape.Stride steps }
        }

/// The feature map upsampled by these factors; a guess where it never was downsampled so far.
let finer (builder: GraphBuilder) at (by: int[]) change (x: Map) =
    let cannot =
        Array.zip x.Shape.Stride by
        |> Array.exists (fun (k, n) -> k % n <> 0 || (k = 0 && n > 1))

    if cannot && x.Sure then
        builder.Report(
            at,
            $"cannot upsample by {uniform by} from stride {sizes x.Shape.Stride}",
            "Upsample only as far as the network downsampled"
        )

    let extra, fits =
        if cannot then
            x.Shape.Extra, false
        else
            resized builder at change x.Shape

    {
        x with
            Sure = x.Sure && fits
            Shape = {
                x.Shape with
                    Stride =
                        Array.zip x.Shape.Stride by
                        |> Array.map (fun (k, n) -> if k % n = 0 then k / n else 1)
                    Extra = extra
            }
    }
