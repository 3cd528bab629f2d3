/// How the members of a family differ, by their names alone.
namespace KneeSeg.Dsl

/// A column of a family's table, and what it says of each member: "" where the member has nothing of the kind.
type Axis = { Title: string; Values: string[] }

module internal Axes =
    /// Where a table shows a label, and how: `width=0.5` is "0.5" in the column "width", and `gated` is "yes" in its own.
    let private cell (label: string) =
        match label.Split('=', 2), VariantRegistry.named label with
        | [| title; value |], _ -> title, value
        | _, Ok variant when variant.Column <> label -> variant.Column, label
        | _ -> label, "yes"

    let private cells (name: string) =
        match List.ofArray (name.Split '+') with
        | network :: labels -> ("network", network) :: List.map cell labels
        | [] -> []

    /// The columns for networks of these names: "network", if these differ, and one for each kind of label. None if there are
    /// fewer than two, since the names say as much.
    let ofNames (names: string[]) : Axis[] =
        let members = names |> Array.map cells

        let axis title = {
            Title = title
            Values = [|
                for cells in members ->
                    cells |> List.filter (fst >> (=) title) |> List.map snd |> String.concat ", "
            |]
        }

        let axes =
            members
            |> Seq.collect (List.map fst)
            |> Seq.distinct
            |> Seq.map axis
            |> Seq.filter (fun axis -> (Array.distinct axis.Values).Length > 1)
            |> Array.ofSeq

        if axes.Length > 1 then axes else [||]
