/// Maps such as T2: reads `--map`, and prints what was measured.
module KneeSeg.Cli.MapTable

open System
open System.Collections.Generic
open KneeSeg.Evaluation

/// NAME=FILE, as given: the files by name.
let parse (words: string list) : IReadOnlyDictionary<string, string> =
    let maps = Dictionary<string, string>()

    for word in words do
        match word.IndexOf '=' with
        | at when at > 0 && at < word.Length - 1 && maps.TryAdd(word[.. at - 1], word[at + 1 ..]) -> ()
        | _ ->
            Fail.usage
                $"--map {word}"
                "not a new name and a file"
                "Write a name and a file, such as --map t2=t2.nii.gz"

    maps

let private number (value: Nullable<float>) =
    if value.HasValue then
        value.Value.ToString("G4", Globalization.CultureInfo.InvariantCulture)
    else
        "–"

/// A row for each structure of each case, without regions.
let print (report: MapReport | null) =
    match report with
    | null -> ()
    | report ->
        printfn ""

        Output.table [
            "map", false
            "case", false
            "labels", false
            "structure", false
            "mean", true
            "sd", true
            "median", true
            "voxels", true
            "left out", true
        ] [
            for one in report.Measurements do
                for structure in one.Structures do
                    if structure.Region = "" then
                        let found = structure.Statistics

                        [
                            one.Map
                            one.Case
                            one.Labels
                            structure.Structure
                            number found.Mean
                            number found.Sd
                            number found.Median
                            Output.count found.Voxels
                            Output.count (found.NonFinite + found.Zero + found.Outside)
                        ]
        ]
