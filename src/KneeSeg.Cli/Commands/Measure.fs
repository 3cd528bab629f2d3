/// `kneeseg measure`: the morphometry of cartilage in label volumes.
module KneeSeg.Cli.Commands.Measure

open System
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Evaluation
open KneeSeg.Experiments
open KneeSeg.Morphometry.Meshes

/// File formats of meshes.
type Meshes =
    | Vtk
    | Ply
    | Stl

/// The arguments.
type Arguments =
    | [<MainCommand; Mandatory>] Labels of LABELS: string list
    | [<Mandatory>] Out of DIR: string
    | Visits of TABLE: string
    | Profile of NAME: string
    | Maps
    | Meshes of Meshes
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Labels _ -> "a dataset, or label volumes and folders of them, such as predictions"
            | Out _ -> "folder for measurements.json, measurements.csv and report.html"
            | Visits _ ->
                "CSV file that says what the cases are: columns case, subject, knee, visit (0 is the baseline), scan, years; all scans of a knee are measured over the bone and in the regions of its baseline"
            | Profile _ ->
                "label map of label volumes: iwoai, skm-tea or oai-zib (default: that of the dataset or the predictions in whose folder they are, otherwise iwoai)"
            | Maps -> "also write the thickness and the regions of each case as volumes, into maps"
            | Meshes _ ->
                "also write the bone's face of each plate, with its thickness, and the surface of each structure, into meshes: vtk (3D Slicer, ParaView), ply or stl"
            | Json -> "print the JSON object"

let private print (report: MeasurementReport) =
    Output.table [
        "case", false
        "cartilage", false
        "ThCtAB mm", true
        "ThCcAB mm", true
        "dABp %", true
        "VC mm³", true
        "bone", false
    ] [
        for case in report.Cases do
            for plate in case.Labels ->
                let whole = plate.Morphometry.Whole

                [
                    case.Id
                    plate.Name
                    Output.decimal 2 whole.Thickness
                    Output.decimal 2 whole.CoveredThickness
                    Output.decimal 1 whole.DenudedPercent
                    Output.decimal 0 (Nullable whole.Volume)
                    plate.Morphometry.BoneInterface
                ]
    ]

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let meshes =
        match arguments.TryGetResult Meshes with
        | None -> Nullable()
        | Some Vtk -> Nullable MeshFormat.Vtk
        | Some Ply -> Nullable MeshFormat.Ply
        | Some Stl -> Nullable MeshFormat.Stl

    let report =
        Terminal.watch (fun progress ->
            MeasurementJob.Run(
                ResizeArray(arguments.GetResult Labels),
                Option.toObj (arguments.TryGetResult Profile),
                Option.toObj (arguments.TryGetResult Visits),
                arguments.GetResult Out,
                progress,
                arguments.Contains Maps,
                meshes
            ))

    Seq.iter Fail.showCase report.Failed

    if arguments.Contains Json then
        printfn "%s" (report.ToJson())
    else
        print report

    if report.Failed.Count = 0 then
        ExitCode.Done
    else
        ExitCode.Data

/// The command.
let command =
    Command.create
        "measure"
        "Measure cartilage thickness, area and volume in labels"
        "Measures each cartilage plate and its subregions over the total area of subchondral bone, in the nomenclature of Eckstein
et al. (2006): tAB, cAB, dAB, VC, ThCtAB, ThCcAB and others. The labels of bones are used where there are any. With a list of
visits, change is measured in places that stay put: longitudinal takes the results."
        "kneeseg measure knees --out measured
        kneeseg measure labels/*.nii.gz --profile oai-zib --visits visits.csv --out measured"
        run
