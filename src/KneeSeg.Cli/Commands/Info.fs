/// `kneeseg info`: shape, spacing and orientation of volumes.
module KneeSeg.Cli.Commands.Info

open System.Collections.Generic
open System.Text.Json.Serialization
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Imaging
open KneeSeg.Imaging.Files
open KneeSeg.Imaging.Formats

/// The arguments.
type Arguments =
    | [<MainCommand; Mandatory>] Files of FILE: string list
    | Label
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Files _ ->
                "volumes: .nii, .nii.gz, .hdr with .img, .mha, .mhd, .nrrd, .nhdr, .seg.nrrd, .npy, .im, .seg, or the folder of a DICOM series (FOLDER#echo=2 or FILE#volume=2 for one of several volumes)"
            | Label -> "read label volumes and list their labels"
            | Json -> "print a JSON array, one object per file"

/// A volume, as `--json` prints it: no labels unless asked for, no segments where the file names none.
type Volume = {
    File: string
    Id: string
    Format: string
    Shape: int[]
    Dtype: string
    Spacing: float[] | null
    Affine: float[][] | null
    Sha256: string
    NonFinite: int64
    [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
    Labels: int[] | null
    [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
    Segments: Segment[] | null
    Warnings: IReadOnlyList<string>
}

let private record (info: VolumeInfo) =
    let hasPlace = not (isNull info.Spacing) && not (isNull info.Affine)

    {
        File = info.File
        Id = CaseId.Of info.File
        Format = info.Format
        Shape = info.Shape
        Dtype = info.Dtype
        Spacing = (if hasPlace then info.Spacing else null)
        Affine = (if hasPlace then info.Affine else null)
        Sha256 = info.Sha256
        NonFinite = info.NonFinite
        Labels = info.Labels
        Segments =
            (if info.Segments.Count > 0 then
                 Array.ofSeq info.Segments
             else
                 null)
        Warnings = info.Warnings
    }

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

        printfn "  %-12s %s" "orientation" (orientation affine)

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

/// A file's header and statistics; one that cannot be read is reported, and the others are still shown.
let private inspect label file =
    try
        Some(VolumeFile.Inspect(file, label))
    with :? ProblemException as problem ->
        Fail.show problem
        None

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let files = arguments.GetResult Files
    let infos = files |> List.choose (inspect (arguments.Contains Label))

    if arguments.Contains Json then
        Output.json (List.map record infos)
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
        "Show the shape, spacing and orientation of volumes"
        "Shows shape, spacing, orientation and checksum of volumes, with warnings about unusual headers."
        "kneeseg info knee.nii.gz
        kneeseg info --label knee-labels.nii.gz --json"
        run
