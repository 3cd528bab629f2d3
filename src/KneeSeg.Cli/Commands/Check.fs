/// `kneeseg check`: every case of a data set against the rules.
module KneeSeg.Cli.Commands.Check

open Argu
open KneeSeg
open KneeSeg.Cli

/// What it takes.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Data of DATA: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Data _ -> "a data set: its folder or its dataset.json"

let private run (arguments: ParseResults<Arguments>) : ExitCode = Unwired.run "check"

/// The command.
let command =
    Command.create
        "check"
        "checks a data set before it is trained on"
        "Reads every case of a data set and lists everything that training would stumble over: missing files, images and
labels that differ in shape, labels outside the list, subjects in two splits. Ends with 3 if there is an error."
        "kneeseg check knees"
        run
