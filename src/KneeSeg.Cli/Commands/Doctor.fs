/// `kneeseg doctor`: checks the installation and the machine.
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
        "Check the installation and the machine"
        "Checks what KneeSeg needs: native libraries, processor, memory, disk, GPU. Reports what is missing and how to fix it."
        run
