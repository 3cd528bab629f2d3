/// `kneeseg doctor`: what is installed, what is not, and what to do about it.
module KneeSeg.Cli.Commands.Doctor

open KneeSeg.Cli

let private run () = Unwired.run "doctor"

/// The command.
let command =
    Command.bare
        "doctor"
        "what is installed, what is missing, what to do"
        "Looks at what KneeSeg needs: native libraries, processor, memory, disk, device. Says what is missing and what to do."
        run
