/// `kneeseg doctor`: what is installed, what is not, and what to do about it.
module KneeSeg.Cli.Commands.Doctor

open KneeSeg
open KneeSeg.Cli
open KneeSeg.Experiments

let private run () =
    let findings = Doctor.Examine()

    for finding in findings do
        printfn "%-14s %s" finding.What finding.State

        if not (isNull finding.Fix) then
            printfn "%-14s -> %s" "" finding.Fix

    if findings |> Seq.exists _.Needed then
        ExitCode.Resources
    else
        ExitCode.Done

/// The command.
let command =
    Command.bare
        "doctor"
        "what is installed, what is missing, what to do"
        "Looks at what KneeSeg needs: native libraries, processor, memory, disk, device. Says what is missing and what to do."
        run
