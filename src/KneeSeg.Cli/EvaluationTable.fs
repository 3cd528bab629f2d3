/// Prints an evaluation as tables.
module KneeSeg.Cli.EvaluationTable

open System
open KneeSeg.Evaluation
open KneeSeg.Morphometry

let private number = Output.decimal 2

let private mean places (statistics: SummaryStatistics) =
    match statistics.Interval with
    | null -> Output.decimal places statistics.Mean
    | interval ->
        $"{Output.decimal places statistics.Mean} [{Output.decimal places (System.Nullable interval.Low)}, {Output.decimal places (System.Nullable interval.High)}]"

let private rows count (labels: LabelSummary seq) = [
    for label in labels ->
        [
            label.Name
            mean 2 label.Dice
            number label.Nsd.One.Mean
            number label.Assd.Mean
            number label.Hd95.Mean
            string label.Missed
            string label.Misplaced
            string label.Spurious
            (if label.Assd.N = count then
                 string count
             else
                 $"{label.Assd.N} of {count}")
        ]
]

/// The morphometry of cartilage, prediction and reference: means over cases.
let private plates (summary: EvaluationSummary) =
    let measured =
        [
            for case in summary.Cases do
                for label in case.Labels do
                    match label.Morphometry with
                    | Null -> ()
                    | NonNull pair -> (label.Label, label.Name), pair
        ]
        |> List.groupBy fst
        |> List.sortBy fst

    let mean places (of': RegionMeasures -> Nullable<float>) (plates: PlateMorphometry list) =
        Output.decimal places (SummaryStatistics.Of(plates |> Seq.map (fun plate -> of' plate.Whole))).Mean

    let pair places of' (plates: MorphometryPair list) = [
        mean places of' (plates |> List.map _.Prediction)
        mean places of' (plates |> List.map _.Reference)
    ]

    if not measured.IsEmpty then
        Output.table [
            "cartilage", false
            "ThCtAB mm", true
            "reference", true
            "ThCcAB mm", true
            "reference", true
            "dABp %", true
            "reference", true
            "VC mm³", true
            "reference", true
        ] [
            for (_, name), labels in measured ->
                let plates = List.map snd labels

                [
                    name
                    yield! pair 2 _.Thickness plates
                    yield! pair 2 _.CoveredThickness plates
                    yield! pair 1 _.DenudedPercent plates
                    yield! pair 0 (fun whole -> Nullable whole.Volume) plates
                ]
        ]

        printfn ""

/// Missed, misplaced and spurious structures first; then a row for each label and each merged structure, and the mean.
let print (summary: EvaluationSummary) =
    let count = summary.Cases.Count

    if summary.Missed + summary.Misplaced + summary.Spurious > 0 then
        printfn
            "%d of %d structures missed, %d misplaced (no overlap with the reference), %d spurious"
            summary.Missed
            summary.Structures
            summary.Misplaced
            summary.Spurious

        printfn ""

    let table title labels =
        Output.table
            [
                title, false
                "Dice [95 %]", true
                "NSD 1 mm", true
                "ASSD mm", true
                "HD95 mm", true
                "missed", true
                "misplaced", true
                "spurious", true
                "n", true
            ]
            (rows count labels)

        printfn ""

    table "label" summary.Labels

    if summary.MergedLabels.Count > 0 then
        table "structure" summary.MergedLabels

    plates summary

    printfn
        "mean Dice %s over %d %s%s"
        (Output.decimal 3 summary.MeanDice)
        count
        (if count = 1 then "case" else "cases")
        (if summary.Failed.Count = 0 then
             ""
         else
             $", {summary.Failed.Count} could not be evaluated")

    let ignored = summary.Cases |> Seq.sumBy _.Ignored

    if ignored > 0L then
        printfn "%s ignored voxels are excluded from all metrics" (Output.count ignored)

    let unlabeled = summary.Labels |> Seq.sumBy _.Unlabeled

    if unlabeled > 0 then
        printfn
            "%d structures are not measured, because the source of their case does not label them"
            unlabeled
