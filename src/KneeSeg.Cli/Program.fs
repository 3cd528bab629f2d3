/// The command line: parses arguments, runs a command, and turns problems into a message and an exit code.
module KneeSeg.Cli.Program

open System
open KneeSeg.Cli.Commands
open KneeSeg.Experiments.Slurm

let private commands = [
    Demo.command
    Zoo.command
    Describe.command
    Variants.command
    New.command
    Verify.command
    Phantom.command
    Generate.command
    Info.command
    Validate.command
    Plan.command
    Train.command
    Replay.command
    Sweep.command
    CrossValidate.command
    ListRuns.command
    Compare.command
    TunePostprocessing.command
    Predict.command
    Evaluate.command
    Measure.command
    Longitudinal.command
    T2Fit.command
    Export.command
    Import.command
    Report.command
    View.command
    Doctor.command
]

[<EntryPoint>]
let main words =
    Console.SetError(new Terminal.LossyError(Console.Error))

    int (
        Fail.guard (fun () ->
            use _ = Signals.tidy ()
            SlurmTask.Run((fun () -> Command.dispatch commands words), (fun line -> eprintfn "%s" line)))
    )
