/// Whether an input size, and the batches of a training, suit a network.
module KneeSeg.Dsl.Fit

open System

let private axes rank =
    match rank with
    | 2 -> [| "height"; "width" |]
    | _ -> [| "depth"; "height"; "width" |]

let private multiples n step =
    let below = n / step * step
    let above = below + step

    if below = 0 || above > Limits.axis then
        $"Use {max step below}"
    else
        $"Use {below} or {above}"

let private isSingle size node = Voxels.count size node = 1L

/// Norms whose statistics would be of one number, from which nothing is left.
let private leavesNothing (graph: Graph) size =
    let isVoid (node: Node) =
        match node.Op with
        | Op.InstanceNorm _ -> isSingle size node
        | Op.GroupNorm(norm, groups) -> groups = norm.Channels && isSingle size node
        | _ -> false

    graph.Nodes
    |> Seq.tryFind isVoid
    |> Option.map (fun node ->
        Problem.at
            $"{graph.Name}/{node.Stage}"
            $"normalises single numbers at a size of {String.Join('x', size)}, which leaves nothing of them"
            "Use a larger size, or batch norm")

/// A batch norm that sees one voxel of each image.
let private batchAlone (graph: Graph) size =
    graph.Nodes
    |> Array.tryFind (fun node -> node.Op.IsBatchNorm && isSingle size node)

/// The fewest images that a training step needs: two where a batch norm sees one voxel of each.
let smallestBatch graph size =
    if (batchAlone graph size).IsSome then 2 else 1

/// Refuses a size with the wrong number of axes, or that is no multiple of what the network needs.
let check (graph: Graph) (size: int[]) : Result<unit, Problem> =
    let axes = axes graph.Axes
    let text = String.Join('x', size)

    if size.Length <> graph.Axes then
        let form =
            if graph.Axes = 2 then
                "HxW, such as 288x288"
            else
                "DxHxW, such as 64x64x64"

        Error(Problem.at graph.Name $"a size of {text} for a {graph.Axes}D network" $"Give {form}")
    else
        let problem a n =
            let step = graph.Multiple[a]

            if n < 1 || n > Limits.axis then
                Some(
                    Problem.at
                        $"{graph.Name}, {axes[a]}"
                        $"{n} voxels"
                        $"Use {step} to {Limits.axis / step * step}"
                )
            elif n % step <> 0 then
                Some(
                    Problem.at
                        $"{graph.Name}, {axes[a]}"
                        $"{n} is not a multiple of {step}"
                        (multiples n step)
                )
            else
                None

        match size |> Seq.mapi problem |> Seq.choose id |> Seq.tryHead with
        | Some problem -> Error problem
        | None ->
            match leavesNothing graph size with
            | Some problem -> Error problem
            | None -> Ok()

/// Refuses batches that are too small to train on, for a size that fits.
let checkBatch (graph: Graph) (size: int[]) batch : Result<unit, Problem> =
    match batchAlone graph size with
    | Some node when batch < 2 ->
        Error(
            Problem.at
                $"{graph.Name}/{node.Stage}"
                "in training, a batch norm over one voxel of one image leaves nothing of it"
                "Train on batches of 2 or more, or on larger patches"
        )
    | _ -> Ok()
