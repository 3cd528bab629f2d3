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

    /// The columns for networks of these names: "network", with the labels that all have, and one for each kind of label. None if
    /// they differ in one way only, since the names say as much.
    let ofNames (names: string[]) : Axis[] =
        let bases, labels =
            names
            |> Array.map (fun name ->
                let parts = name.Split '+'
                parts[0], List.ofArray parts[1..])
            |> Array.unzip

        let isShared label =
            labels |> Array.forall (List.contains label)

        let ofBase = {
            Title = "network"
            Values = [|
                for name, labels in Array.zip bases labels ->
                    String.concat "+" (name :: List.filter isShared labels)
            |]
        }

        let members = labels |> Array.map (List.filter (isShared >> not) >> List.map cell)

        let axis title = {
            Title = title
            Values = [|
                for cells in members ->
                    cells |> List.filter (fst >> (=) title) |> List.map snd |> String.concat ", "
            |]
        }

        let titles = members |> Seq.collect (List.map fst) |> Seq.distinct |> Array.ofSeq

        let differences =
            titles.Length + (if (Array.distinct bases).Length > 1 then 1 else 0)

        if differences > 1 then
            Array.append [| ofBase |] (Array.map axis titles)
        else
            [||]
