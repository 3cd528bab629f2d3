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

let private paired what places (tests: (string * PairedTest) list) =
    if not tests.IsEmpty then
        printfn ""

        Output.table [
            $"{what}, second - first", false
            "cases", true
            "mean", true
            "95 % interval", true
            "p", true
        ] [
            for name, test in tests ->
                [
                    name
                    string test.N
                    Output.decimal places test.Difference
                    match test.Interval with
                    | Null -> "–"
                    | NonNull interval ->
                        $"{Output.decimal places (System.Nullable interval.Low)} to {Output.decimal places (System.Nullable interval.High)}"
                    Output.decimal 4 test.P
                ]
        ]

let private responses (results: EvaluationComparison) =
    printfn ""

    Output.table [
        "change over time", false
        "plate", false
        "knees", true
        "SRM", true
        "SRM of the references", true
    ] [
        for name, response in Seq.zip [ "first"; "second" ] results.Responses do
            match response with
            | Null -> [ name; "–"; "–"; "–"; "–" ]
            | NonNull response -> [
                name
                response.Plate
                string response.Knees
                Output.decimal 2 response.Prediction
                Output.decimal 2 (System.Nullable response.Reference)
              ]
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

        paired "Dice" 3 [
            for label in results.Labels do
                label.Name, label.Dice
            "mean", results.MeanDice
        ]

        let plates (of': LabelComparison -> PairedTest | null) = [
            for label in results.Labels do
                match of' label with
                | Null -> ()
                | NonNull test -> label.Name, test
        ]

        paired "thickness error, mm" 3 (plates _.ThicknessError)
        paired "denuded area error, mm²" 1 (plates _.DenudedError)

        if results.Responses |> Seq.exists (isNull >> not) then
            responses results

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
        "Shows the differences between two runs and, if both were evaluated on the same cases, the mean difference in Dice and, of
cartilage plates, in the errors of thickness and denuded area, with 95 % confidence intervals over cases and p-values of
Wilcoxon's signed-rank test. If cases are visits of knees, it shows how clearly each tells their change."
        "kneeseg compare runs/first runs/second"
        run
