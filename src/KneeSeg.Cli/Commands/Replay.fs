/// `kneeseg replay`: recomputes a training step.
module KneeSeg.Cli.Commands.Replay

open System
open System.Collections.Generic
open System.Globalization
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Experiments

/// The arguments.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Run of RUN: string
    | [<Mandatory>] Step of N: int64
    | Data of DATA: string
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Run _ -> "run folder"
            | Step _ -> "step number, from 1"
            | Data _ -> "dataset, if it has moved since training; can be repeated"
            | Json -> "print a JSON object"

let private exact (loss: float) =
    loss.ToString("R", CultureInfo.InvariantCulture)

let private print (job: ReplayJob) =
    let replay = job.Step

    printfn "step %d (epoch %d): %s" replay.Step replay.Epoch (String.Join(", ", replay.Cases))
    printfn "learning rate  %s" (exact replay.LearningRate)
    printfn "loss           %s" (exact replay.Loss)

    if replay.Logged.HasValue then
        let verdict =
            if replay.Logged.Value = replay.Loss then
                "identical"
            else
                "different: machine, thread count or precision differ"

        printfn "logged loss    %s (%s)" (exact replay.Logged.Value) verdict
    else
        printfn "logged loss    not written yet: the epoch is not finished"

    printfn "patches        %s" job.Picture

/// The step, as `--json` prints it.
type Replayed = {
    Step: int64
    Epoch: int
    Cases: IReadOnlyList<string>
    LearningRate: float
    Loss: float
    Logged: Nullable<float>
    Picture: string
}

let private record (job: ReplayJob) =
    let replay = job.Step

    {
        Step = replay.Step
        Epoch = replay.Epoch
        Cases = replay.Cases
        LearningRate = replay.LearningRate
        Loss = replay.Loss
        Logged = replay.Logged
        Picture = job.Picture
    }

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let replay =
        Terminal.watch (fun progress ->
            ReplayJob.Run(
                arguments.GetResult Run,
                arguments.GetResult Step,
                ResizeArray(arguments.GetResults Data),
                progress
            ))

    if arguments.Contains Json then
        Output.json (record replay)
    else
        print replay

    ExitCode.Done

/// The command.
let command =
    Command.create
        "replay"
        "Recompute a training step and draw its patches"
        "Recomputes one training step from the last checkpoint before it, draws its patches with their labels, and compares the
loss with the log bit for bit. Adds an image to the run folder and changes nothing else."
        "kneeseg replay runs/first --step 120"
        run
