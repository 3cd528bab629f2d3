/// Writes the zoo's pages into a folder, after comparing every network with other implementations.
module KneeSeg.ZooPages.Program

open System.IO
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Dsl

/// Nothing is written unless every count and every output agrees with its reference.
let private write folder =
    let pages = Pages.all ()

    Terminal.watch (fun progress ->
        let rows = Networks.ReferenceOutputs

        [
            for i, row in Seq.indexed rows do
                progress.Report(Progress("comparing outputs", int64 i, int64 rows.Length, row.Spec))
                yield! References.differingOutputs row
        ])
    |> References.insist

    for page in pages do
        AtomicFile.WriteText(Path.Combine(folder, page.Path), page.Text)

    printfn $"{folder}: {pages.Length} files written; all counts and outputs agree with their references"
    ExitCode.Done

[<EntryPoint>]
let main words =
    int (
        Fail.guard (fun () ->
            match words with
            | [| folder |] -> write folder
            | _ ->
                Fail.usage
                    "KneeSeg.ZooPages"
                    "expected one argument, the folder to write to"
                    "Give a folder, such as docs")
    )
