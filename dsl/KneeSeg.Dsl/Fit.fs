/// Whether an input size suits a network.
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
        | None -> Ok()
