/// `kneeseg replay`: a step of a run again.
module KneeSeg.Cli.Commands.Replay

open System
open System.Globalization
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Experiments

/// What it takes.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Run of RUN: string
    | [<Mandatory>] Step of N: int64
    | Data of DATA: string
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Run _ -> "the run's folder"
            | Step _ -> "which step, from 1"
            | Data _ -> "the data set, where it has moved since"
            | Json -> "print one JSON object instead"

let private exact (loss: float) =
    loss.ToString("R", CultureInfo.InvariantCulture)

let private print (job: ReplayJob) =
    let replay = job.Step

    printfn "step %d, in epoch %d, of %s" replay.Step replay.Epoch (String.Join(", ", replay.Cases))
    printfn "learning rate  %s" (exact replay.LearningRate)
    printfn "loss           %s" (exact replay.Loss)

    if replay.Logged.HasValue then
        let verdict =
            if replay.Logged.Value = replay.Loss then
                "the same"
            else
                "another: the machine, its threads or the precision differ"

        printfn "in the log     %s, %s" (exact replay.Logged.Value) verdict
    else
        printfn "in the log     not yet: its epoch has not ended"

    printfn "patches        %s" job.Picture

let private printJson (job: ReplayJob) =
    let replay = job.Step

    Output.json (fun writer ->
        writer.WriteStartObject()
        writer.WriteNumber("step", replay.Step)
        writer.WriteNumber("epoch", replay.Epoch)
        writer.WriteStartArray "cases"
        replay.Cases |> Seq.iter writer.WriteStringValue
        writer.WriteEndArray()
        writer.WriteNumber("learningRate", replay.LearningRate)
        writer.WriteNumber("loss", replay.Loss)

        if replay.Logged.HasValue then
            writer.WriteNumber("logged", replay.Logged.Value)
        else
            writer.WriteNull "logged"

        writer.WriteString("picture", job.Picture)
        writer.WriteEndObject())

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let replay =
        Screen.watch (fun screen ->
            ReplayJob.Run(
                arguments.GetResult Run,
                arguments.GetResult Step,
                Option.toObj (arguments.TryGetResult Data),
                screen
            ))

    if arguments.Contains Json then
        printJson replay
    else
        print replay

    ExitCode.Done

/// The command.
let command =
    Command.create
        "replay"
        "a training step again: its patches and its loss"
        "Takes a step of a run again, from the newest checkpoint before it or from the start, draws its patches with their
labels, and compares the loss with the run's log, to the last bit. Nothing but a picture is added to the run."
        "kneeseg replay runs/first --step 120"
        run
