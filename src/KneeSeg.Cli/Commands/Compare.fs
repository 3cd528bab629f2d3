/// `kneeseg compare`: the differences between two runs.
module KneeSeg.Cli.Commands.Compare

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Evaluation
open KneeSeg.Experiments

/// The arguments.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Runs of RUN: string * OTHER: string
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Runs _ -> "two run folders"
            | Json -> "print a JSON object"

let private differences what (list: Difference seq) =
    for difference in list do
        printfn
            "%s %s: %s, %s"
            what
            difference.What
            (Option.defaultValue "none" (Option.ofObj difference.First))
            (Option.defaultValue "none" (Option.ofObj difference.Second))

let private row (name: string) (test: PairedTest) = [
    name
    string test.N
    Output.decimal 3 test.Difference
    match test.Interval with
    | Null -> "–"
    | NonNull interval ->
        $"{Output.decimal 3 (System.Nullable interval.Low)} to {Output.decimal 3 (System.Nullable interval.High)}"
    Output.decimal 4 test.P
]

let private print (compared: RunComparison) =
    printfn
        "network  %s, %s%s"
        compared.Networks[0]
        compared.Networks[1]
        (if compared.SameArchitecture then
             " (same architecture)"
         else
             "")

    printfn
        "data     %s, %s (%s)"
        compared.Data[0]
        compared.Data[1]
        (if compared.SameData then
             "same cases"
         else
             "different cases")

    differences "spec    " compared.Spec
    differences "recipe  " compared.Recipe
    printfn ""

    Output.table [ "", false; "loss", true; "val loss", true; "minutes", true ] [
        for name, figures in Seq.zip [ "first"; "second" ] compared.Figures ->
            [
                name
                Output.decimal 3 figures.Loss
                Output.decimal 3 figures.ValLoss
                Output.decimal 1 (System.Nullable(figures.Seconds / 60.0))
            ]
    ]

    match compared.Results with
    | Null ->
        printfn ""

        printfn
            "No comparison of results: evaluate both runs first with kneeseg evaluate LABELS DATA --out RUN"
    | NonNull results ->
        printfn ""

        Output.table [
            "structures", false
            "total", true
            "missed", true
            "misplaced", true
            "spurious", true
        ] [
            for name, counts in Seq.zip [ "first"; "second" ] results.Counts ->
                [
                    name
                    string counts.Structures
                    string counts.Missed
                    string counts.Misplaced
                    string counts.Spurious
                ]
        ]

        printfn ""

        Output.table [
            "Dice, second - first", false
            "cases", true
            "mean", true
            "95 % interval", true
            "p", true
        ] [
            for label in results.Labels do
                row label.Name label.Dice
            row "mean" results.MeanDice
        ]

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let compared = RunComparison.Of(arguments.GetResult Runs)

    if arguments.Contains Json then
        printfn "%s" (compared.ToJson())
    else
        print compared

    ExitCode.Done

/// The command.
let command =
    Command.create
        "compare"
        "Compare two runs: network, recipe, data, results"
        "Shows the differences between two runs and, if both were evaluated on the same cases, the mean difference in Dice with
its 95 % confidence interval over cases and the p-value of Wilcoxon's signed-rank test."
        "kneeseg compare runs/first runs/second"
        run
