/// The numbers of an evaluation, for people.
module KneeSeg.Cli.Scores

open KneeSeg.Evaluation

let private number = Output.decimal 2

let private spread places (spread: SummaryStatistics) =
    match spread.Interval with
    | null -> Output.decimal places spread.Mean
    | interval ->
        $"{Output.decimal places spread.Mean} [{Output.decimal places (System.Nullable interval.Low)}, {Output.decimal places (System.Nullable interval.High)}]"

let private rows count (labels: LabelSummary seq) = [
    for label in labels ->
        [
            label.Name
            spread 2 label.Dice
            number label.Nsd.One.Mean
            number label.Assd.Mean
            number label.Hd95.Mean
            string label.Missed
            string label.Misplaced
            string label.Invented
            (if label.Assd.N = count then
                 string count
             else
                 $"{label.Assd.N} of {count}")
        ]
]

/// What was missed first; then a row for each label and each tissue of the challenge, and the mean.
let print (summary: EvaluationSummary) =
    let count = summary.Cases.Count

    if summary.Missed + summary.Misplaced + summary.Invented > 0 then
        printfn
            "%d of %d structures missed, %d misplaced (predicted without a voxel in common), %d invented"
            summary.Missed
            summary.Structures
            summary.Misplaced
            summary.Invented

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
                "invented", true
                "n", true
            ]
            (rows count labels)

        printfn ""

    table "label" summary.Labels

    if summary.Tissues.Count > 0 then
        table "tissue" summary.Tissues

    printfn
        "mean Dice %s over %d cases%s"
        (Output.decimal 3 summary.MeanDice)
        count
        (if summary.Failed.Count = 0 then
             ""
         else
             $", {summary.Failed.Count} could not be measured")

    let ignored = summary.Cases |> Seq.sumBy _.Ignored

    if ignored > 0L then
        printfn "%s ignored voxels are left out of every measure" (Output.count ignored)
