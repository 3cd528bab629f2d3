/// The command line: reads arguments, calls a room, turns problems into one block and an exit code.
module KneeSeg.Cli.Program

open System
open KneeSeg.Cli.Commands

let private commands = [
    Demo.command
    Zoo.command
    Describe.command
    Variants.command
    New.command
    Probe.command
    Phantom.command
    Info.command
    Check.command
    Train.command
    Replay.command
    Sweep.command
    Folds.command
    Runs.command
    Compare.command
    Postprocess.command
    Predict.command
    Evaluate.command
    Report.command
    Doctor.command
]

[<EntryPoint>]
let main words =
    Console.SetError(new Screen.Unheard(Console.Error))

    int (
        Stop.guard (fun () ->
            use _ = Signals.tidy ()
            Command.dispatch commands words)
    )
