/// Whether a network takes an input size, and can be trained on batches of a size.
module KneeSeg.Dsl.InputSize

let private axes rank =
    match rank with
    | 2 -> [| "height"; "width" |]
    | _ -> [| "depth"; "height"; "width" |]

/// The smallest size along an axis that leaves a voxel of every feature map: without convolutions that leave fewer voxels, the
/// multiple itself.
let smallest (graph: Graph) axis =
    let step = int64 graph.Multiple[axis]

    let least =
        graph.Nodes
        |> Seq.map (fun node -> int64 node.Shape.Stride[axis] * int64 (1 - node.Shape.Extra[axis]))
        |> Seq.fold max 1L

    int (min (int64 System.Int32.MaxValue / step) ((least + step - 1L) / step) * step)

let private multiples n step least =
    let below = n / step * step
    let above = below + step

    if below < least || above > Limits.axis then
        $"Use {max least below}"
    else
        $"Use {below} or {above}"

let private isSingle size node = Voxels.count size node = 1L

/// Norms over a single value, which turn it to zero.
let private degenerateNorm (graph: Graph) size =
    let isDegenerate (node: Node) =
        match node.Op with
        | Op.Norm { Kind = NormOpKind.Instance } -> isSingle size node
        | Op.Norm({ Kind = NormOpKind.Group groups } as norm) -> groups = norm.Channels && isSingle size node
        | _ -> false

    graph.Nodes
    |> Seq.tryFind isDegenerate
    |> Option.map (fun node ->
        Diagnostic.at
            $"{graph.Name}/{node.Stage}"
            $"at an input size of {Ops.sizes size}, this norm is over a single value, which becomes zero"
            "Use a larger size, or `batchNorm`")

let private isBatchNorm op =
    match op with
    | Op.Norm norm -> norm.Kind.IsBatch
    | _ -> false

/// A batch norm with one voxel per image.
let private singleVoxelBatchNorm (graph: Graph) size =
    graph.Nodes
    |> Array.tryFind (fun node -> isBatchNorm node.Op && isSingle size node)

/// The fewest images that a training step needs: two where a batch norm has one voxel per image.
let smallestBatch graph size =
    if (singleVoxelBatchNorm graph size).IsSome then 2 else 1

/// What is wrong with the size along an axis.
let private misfit (graph: Graph) axis n =
    let step, least = graph.Multiple[axis], smallest graph axis
    let where = $"{graph.Name}, {(axes graph.Axes)[axis]}"

    if n < 1 || n > Limits.axis then
        Some(Diagnostic.at where $"an input size of {n}" $"Use {least} to {Limits.axis / step * step}")
    elif n % step <> 0 then
        Some(Diagnostic.at where $"{n} is not a multiple of {step}" (multiples n step least))
    elif axis = 0 && graph.Slices <> 0 && n <> graph.Slices then
        Some(Diagnostic.at where $"{n} slices, but the network takes {graph.Slices}" $"Use {graph.Slices}")
    elif n < least then
        Some(
            Diagnostic.at
                where
                $"of {n} voxels, convolutions without padding leave none"
                $"Use {least} or more"
        )
    else
        None

/// Refuses a size with the wrong number of axes, or that is no multiple of what the network needs.
let check (graph: Graph) (size: int[]) : Result<unit, Diagnostic> =
    if size.Length <> graph.Axes then
        let form =
            if graph.Axes = 2 then
                "HxW, such as 288x288"
            else
                "DxHxW, such as 64x64x64"

        Error(
            Diagnostic.at
                graph.Name
                $"an input size of {Ops.sizes size} for a {graph.Axes}D network"
                $"Give {form}"
        )
    else
        Seq.indexed size
        |> Seq.tryPick (fun (axis, n) -> misfit graph axis n)
        |> Option.orElseWith (fun () -> degenerateNorm graph size)
        |> Option.map Error
        |> Option.defaultValue (Ok())

/// Refuses batches that are too small to train on, for a size that the network takes.
let checkBatch (graph: Graph) (size: int[]) batch : Result<unit, Diagnostic> =
    match singleVoxelBatchNorm graph size with
    | Some node when batch < 2 ->
        Error(
            Diagnostic.at
                $"{graph.Name}/{node.Stage}"
                "in training, a batch norm over one voxel of one image turns it to zero"
                "Train on batches of 2 or more, or on larger patches"
        )
    | _ -> Ok()
