/// The numbers of an evaluation, for people.
module KneeSeg.Cli.Scores

open KneeSeg.Evaluation

let private number = Output.decimal 2

/// A row for each label, missed structures among them, then the mean.
let print (summary: EvaluationSummary) =
    Output.table [
        "label", false
        "Dice", true
        "ASSD mm", true
        "HD95 mm", true
        "missed", true
        "invented", true
        "of", true
    ] [
        for label in summary.Labels ->
            [
                label.Name
                number label.Dice.Mean
                number label.Assd.Mean
                number label.Hd95.Mean
                string label.Missed
                string label.Invented
                string summary.Cases.Count
            ]
    ]

    printfn ""
    printfn "mean Dice %s over %d cases" (Output.decimal 3 summary.MeanDice) summary.Cases.Count
