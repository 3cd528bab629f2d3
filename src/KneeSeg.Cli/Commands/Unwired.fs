/// What a command does until its rooms are joined to it.
module KneeSeg.Cli.Commands.Unwired

open KneeSeg
open KneeSeg.Cli

/// Says that the command does nothing yet.
let run name : ExitCode =
    Stop.at ExitCode.Fault $"kneeseg {name}" "this command is not joined to its rooms yet" "Wait for it"
