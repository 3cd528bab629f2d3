/// A script as it stands, with what its lines made beside them, or with its errors below them.
module KneeSeg.Cli.ScriptView

open System
open System.IO
open KneeSeg.Dsl

/// An error, with its line and column in the script where they are known.
type Problem = { Line: int option; Column: int option; Diagnostic: Diagnostic }

let private numbered (index: int) (line: string) = $"%4d{index + 1}  %s{line}".TrimEnd()

/// "64³", or "64x96x96" where the axes differ.
let private brief (size: int[]) =
    match Array.distinct size with
    | [| only |] -> string only + (if size.Length = 2 then "²" else "³")
    | _ -> Output.size size

/// What a line made, each in few words; equal ones are counted.
let private notes size (made: ScriptLines.Made list) = [
    for same in
        made
        |> List.groupBy (fun one -> one.Output.Shape, one.Parameters)
        |> List.map snd do
        let one = same.Head
        let shape = brief (Networks.ShapeOf(one.Output, size))
        let times = if same.Length > 1 then $" (×{same.Length})" else ""

        let cost =
            if one.Parameters > 0L then
                $", {Output.short one.Parameters}"
            else
                ""

        $"{one.Output.Shape.Channels} × {shape}{cost}{times}"
]

/// As many notes as fit, and dots for the others.
let private fitting width (notes: string list) =
    let joined count =
        String.Join("; ", List.truncate count notes)

    [ notes.Length .. -1 .. 1 ]
    |> List.map (fun count ->
        if count = notes.Length then
            joined count
        else
            $"{joined count}; …")
    |> List.tryFind (fun text -> text.Length <= width)
    |> Option.defaultValue "…"

/// The script with the shapes and parameters of what each line made.
let lines (path: string) size (made: ScriptLines.Made list) : string list =
    let source = File.ReadAllLines path |> Array.mapi numbered
    let made = made |> List.groupBy _.Line |> Map
    let width = Output.width ()

    // Notes stand in one column if the lines leave them half the width.
    let column =
        source
        |> Seq.indexed
        |> Seq.filter (fun (index, line) -> made.ContainsKey(index + 1) && line.Length < width / 2)
        |> Seq.map (fun (_, line) -> line.Length + 2)
        |> Seq.append [ 24 ]
        |> Seq.max

    [
        for index, line in Array.indexed source do
            match Map.tryFind (index + 1) made with
            | None -> line
            | Some made when line.Length + 2 <= column ->
                line.PadRight column + fitting (width - column) (notes size made)
            | Some made ->
                line
                String(' ', column) + fitting (width - column) (notes size made)
    ]

/// The script with its errors in place; those without a place come last.
let errors (path: string) (problems: Problem list) : string list =
    let said (problem: Problem) = [
        match problem.Column with
        | Some column -> String(' ', column + 5) + "^"
        | None -> ()
        $"      error: {problem.Diagnostic.What}"
        $"      do     {problem.Diagnostic.Fix}"
    ]

    let placed, others = problems |> List.partition _.Line.IsSome
    let source = File.ReadAllLines path

    [
        for index, line in Array.indexed source do
            numbered index line

            for problem in placed do
                if problem.Line = Some(index + 1) then
                    yield! said problem

        for problem in others do
            ""
            $"error: {problem.Diagnostic.What}"
            $"  where  {problem.Diagnostic.Where}"
            $"  do     {problem.Diagnostic.Fix}"
    ]
