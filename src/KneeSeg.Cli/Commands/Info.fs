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
            | Files _ ->
                "volumes: .nii, .nii.gz, .hdr with .img, .mha, .mhd, .nrrd, .nhdr, .seg.nrrd, .npy, .im, .seg, or the folder of a DICOM series (of several volumes FOLDER#echo=2)"
            | Label -> "read them as label volumes, and list the labels"
            | Json -> "print a JSON array instead, one object a file"

let private printJson (infos: VolumeInfo list) =
    Output.json (fun writer ->
        writer.WriteStartArray()

        for info in infos do
            writer.WriteStartObject()
            writer.WriteString("file", info.File)
            writer.WriteString("id", CaseId.Of info.File)
            writer.WriteString("format", info.Format)
            Output.numbers writer "shape" info.Shape
            writer.WriteString("dtype", info.Dtype)

            match info.Spacing, info.Affine with
            | null, _
            | _, null ->
                writer.WriteNull "spacing"
                writer.WriteNull "affine"
            | spacing, affine ->
                Output.reals writer "spacing" spacing
                writer.WriteStartArray "affine"

                for row in affine do
                    writer.WriteStartArray()
                    Seq.iter (fun (value: float) -> writer.WriteNumberValue value) row
                    writer.WriteEndArray()

                writer.WriteEndArray()

            writer.WriteString("sha256", info.Sha256)
            writer.WriteNumber("nonFinite", info.NonFinite)

            if not (isNull info.Labels) then
                Output.numbers writer "labels" info.Labels

            if info.Segments.Count > 0 then
                writer.WriteStartArray "segments"

                for segment in info.Segments do
                    writer.WriteStartObject()
                    writer.WriteString("name", segment.Name)
                    writer.WriteNumber("value", segment.Value)
                    writer.WriteNumber("layer", segment.Layer)
                    writer.WriteEndObject()

                writer.WriteEndArray()

            writer.WriteStartArray "warnings"
            Seq.iter (fun (warning: string) -> writer.WriteStringValue warning) info.Warnings
            writer.WriteEndArray()
            writer.WriteEndObject()

        writer.WriteEndArray())

/// Such as "left, posterior, superior".
let private orientation (affine: float[][]) =
    let column i =
        Point3(affine[0][i], affine[1][i], affine[2][i])

    let origin = Point3(affine[0][3], affine[1][3], affine[2][3])

    Affine.FromColumns(column 0, column 1, column 2, origin)
    |> AxisOrder.Codes
    |> Seq.map (function
        | 'R' -> "right"
        | 'L' -> "left"
        | 'A' -> "anterior"
        | 'P' -> "posterior"
        | 'S' -> "superior"
        | _ -> "inferior")
    |> String.concat ", "

let private print (info: VolumeInfo) =
    let joined (values: float seq) =
        values |> Seq.map (sprintf "%.4g") |> String.concat " × "

    printfn "%s" info.File
    printfn "  %-12s %s" "id" (CaseId.Of info.File)
    printfn "  %-12s %s, %s" "format" info.Format info.Dtype
    printfn "  %-12s %s voxels" "shape" (info.Shape |> Seq.map string |> String.concat " × ")

    match info.Spacing, info.Affine with
    | null, _
    | _, null -> printfn "  %-12s unknown" "spacing"
    | spacing, affine ->
        printfn "  %-12s %s mm" "spacing" (joined spacing)

        printfn "  %-12s %s" "axes run to" (orientation affine)

        for i, row in Seq.indexed affine do
            printfn
                "  %-12s %s"
                (if i = 0 then "affine" else "")
                (row |> Seq.map (sprintf "%10.4f") |> String.concat " ")

    printfn "  %-12s %s" "sha256" info.Sha256

    if not (isNull info.Labels) then
        printfn "  %-12s %s" "labels" (info.Labels |> Seq.map string |> String.concat ", ")

    for i, segment in Seq.indexed info.Segments do
        printfn
            "  %-12s %d %s%s"
            (if i = 0 then "segments" else "")
            segment.Value
            segment.Name
            (if segment.Layer > 0 then
                 $" (layer {segment.Layer})"
             else
                 "")

    for warning in info.Warnings do
        printfn "  %-12s %s" "warning" warning

/// What a file is; a file that can't be read is told, and does not keep the others from being shown.
let private inspect label file =
    try
        Some(VolumeFile.Inspect(file, label))
    with :? ProblemException as problem ->
        Stop.tell problem
        None

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let files = arguments.GetResult Files
    let infos = files |> List.choose (inspect (arguments.Contains Label))

    if arguments.Contains Json then
        printJson infos
    else
        List.iter print infos

    if infos.Length = files.Length then
        ExitCode.Done
    else
        ExitCode.Data

/// The command.
let command =
    Command.create
        "info"
        "what a volume is: shape, spacing, orientation"
        "Reads volumes and shows shape, spacing, orientation and anything odd about them."
        "kneeseg info knee.nii.gz
        kneeseg info --label knee-labels.nii.gz --json"
        run
