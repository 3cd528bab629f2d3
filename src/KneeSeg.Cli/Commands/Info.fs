/// `kneeseg info`: what a volume is.
module KneeSeg.Cli.Commands.Info

open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Imaging

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

let private printJson (infos: VolumeInfo list) =
    Output.json (fun writer ->
        writer.WriteStartArray()

        for info in infos do
            writer.WriteStartObject()
            writer.WriteString("file", info.File)
            writer.WriteString("format", info.Format)
            Output.numbers writer "shape" info.Shape
            writer.WriteString("dtype", info.Dtype)
            Output.reals writer "spacing" info.Spacing
            writer.WriteStartArray "affine"

            for row in info.Affine do
                writer.WriteStartArray()
                Seq.iter (fun (value: float) -> writer.WriteNumberValue value) row
                writer.WriteEndArray()

            writer.WriteEndArray()
            writer.WriteString("sha256", info.Sha256)
            writer.WriteNumber("nonFinite", info.NonFinite)

            if not (isNull info.Labels) then
                Output.numbers writer "labels" info.Labels

            writer.WriteStartArray "warnings"
            Seq.iter (fun (warning: string) -> writer.WriteStringValue warning) info.Warnings
            writer.WriteEndArray()
            writer.WriteEndObject()

        writer.WriteEndArray())

let private print (info: VolumeInfo) =
    let joined (values: float seq) =
        values |> Seq.map (sprintf "%.4g") |> String.concat " × "

    printfn "%s" info.File
    printfn "  %-12s %s, %s" "format" info.Format info.Dtype
    printfn "  %-12s %s voxels" "shape" (info.Shape |> Seq.map string |> String.concat " × ")
    printfn "  %-12s %s mm" "spacing" (joined info.Spacing)

    for i, row in Seq.indexed info.Affine do
        printfn
            "  %-12s %s"
            (if i = 0 then "affine" else "")
            (row |> Seq.map (sprintf "%10.4f") |> String.concat " ")

    printfn "  %-12s %s" "sha256" info.Sha256

    if not (isNull info.Labels) then
        printfn "  %-12s %s" "labels" (info.Labels |> Seq.map string |> String.concat ", ")

    for warning in info.Warnings do
        printfn "  %-12s %s" "warning" warning

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let infos =
        arguments.GetResult Files
        |> List.map (fun file -> VolumeFile.Inspect(file, arguments.Contains Label))

    if arguments.Contains Json then
        printJson infos
    else
        List.iter print infos

    ExitCode.Done

/// The command.
let command =
    Command.create
        "info"
        "what a volume is: shape, spacing, orientation"
        "Reads volumes and shows shape, spacing, orientation and anything odd about them."
        "kneeseg info knee.nii.gz
        kneeseg info --label knee-labels.nii.gz --json"
        run
