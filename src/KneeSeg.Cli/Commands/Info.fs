/// `kneeseg info`: what a volume is.
module KneeSeg.Cli.Commands.Info

open Argu
open KneeSeg
open KneeSeg.Cli

/// What it takes.
type Arguments =
    | [<MainCommand; Mandatory>] Files of FILE: string list
    | Label
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Files _ -> "volumes: .nii, .nii.gz, .im or .seg"
            | Label -> "read them as label volumes, and list the labels"
            | Json -> "print a JSON array instead, one object a file"

let private run (arguments: ParseResults<Arguments>) : ExitCode = Unwired.run "info"

/// The command.
let command =
    Command.create
        "info"
        "what a volume is: shape, spacing, orientation"
        "Reads volumes and shows shape, spacing, orientation and anything odd about them."
        "kneeseg info knee.nii.gz
        kneeseg info --label knee-labels.nii.gz --json"
        run
