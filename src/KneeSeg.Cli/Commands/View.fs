/// `kneeseg view`: an image and its labels in a page for browsers.
module KneeSeg.Cli.Commands.View

open System.IO
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Experiments

/// The arguments.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Image of IMAGE: string
    | Labels of LABELS: string list
    | [<Mandatory>] Out of FILE: string
    | Profile of NAME: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Image _ -> "image, in any format"
            | Labels _ -> "label volume to lay over the image; or two, a prediction and its reference"
            | Out _ -> "HTML file to write"
            | Profile _ ->
                "label map: iwoai, skm-tea or oai-zib (default: that of the dataset or the predictions in whose folder the labels are, otherwise iwoai)"

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let labels = arguments.GetResult(Labels, [])

    if List.length labels > 2 then
        Fail.usage
            "--labels"
            $"{labels.Length} label volumes, and a page shows two"
            "Pass a prediction and its reference"

    let page = arguments.GetResult Out

    Terminal.watch (fun progress ->
        ViewJob.Run(
            arguments.GetResult Image,
            ResizeArray labels,
            Option.toObj (arguments.TryGetResult Profile),
            page,
            progress
        ))

    printfn "%s: %s; open it in a browser" page (ByteSize.Of(FileInfo(page).Length))
    ExitCode.Done

/// The command.
let command =
    Command.create
        "view"
        "Write a page that shows an image and its labels in 3D"
        "Writes a single HTML file that shows an image in three planes and in 3D, with labels, differences and cartilage thickness
over it. The page needs a browser, and no network. It is cropped to the structures and 10 mm around them."
        "kneeseg view knee.nii.gz --labels labels/knee.nii.gz --out knee.html
        kneeseg view knee.nii.gz --labels predicted.nii.gz reference.nii.gz --out knee.html"
        run
