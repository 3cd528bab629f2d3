/// `kneeseg t2-fit`: a T2 map from several echoes.
module KneeSeg.Cli.Commands.T2Fit

open System
open System.Diagnostics
open System.Globalization
open System.IO
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Imaging
open KneeSeg.Imaging.Files
open KneeSeg.Imaging.Relaxometry

/// The arguments.
type Arguments =
    | [<MainCommand; Mandatory>] Echoes of ECHO: string list
    | [<Mandatory>] Out of FILE: string
    | Te of MS: string
    | Bounds of MS: string

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Echoes _ -> "an image for each echo, or the folder of a DICOM series with all echoes"
            | Out _ ->
                "file for T2 in ms (.nii.gz, .nii, .mha or .npy); M0 and R² are written beside it, as NAME-m0 and NAME-r2"
            | Te _ ->
                "echo times in ms, one for each image, such as 10,20,30 (default: those of the DICOM headers)"
            | Bounds _ -> "the smallest and the largest T2 in ms; voxels beyond are 0 (default: 1,500)"

let private numbers flag (text: string) = [
    for part in text.Split ',' ->
        match Double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, number when number > 0.0 && Double.IsFinite number -> number
        | _ -> Fail.usage $"{flag} {text}" "not positive numbers" $"Write times in ms, such as {flag} 10,20"
]

let private echoes (arguments: ParseResults<Arguments>) =
    let paths = arguments.GetResult Echoes

    let found =
        match arguments.TryGetResult Te with
        | None -> EchoTimes.Find paths |> List.ofSeq
        | Some text ->
            let times = numbers "--te" text

            if times.Length <> paths.Length then
                Fail.usage
                    $"--te {text}"
                    $"it has {times.Length} times for {paths.Length} images"
                    "Give one for each image, in the same order"

            List.map2 (fun path time -> Echo(path, time)) paths times |> List.sortBy _.Time

    if
        found.Length < 2
        || List.length (List.distinctBy (fun (echo: Echo) -> echo.Time) found) < found.Length
    then
        Fail.usage
            (String.Join(" ", paths))
            "a fit takes at least two echoes, each at a time of its own"
            "Pass images of different echo times"

    found

let private read (found: Echo list) =
    let images = found |> List.map (fun echo -> VolumeFile.ReadImage echo.Path)

    for echo, image in List.zip found images do
        match images.Head.Grid.Difference image.Grid with
        | null -> ()
        | difference ->
            Fail.at
                ExitCode.Data
                echo.Path
                $"its grid differs from that of {found.Head.Path}: it {difference}"
                "Resample the echoes to one grid"

    images

/// NAME-m0.nii.gz for NAME.nii.gz.
let private beside (file: string) suffix =
    let ending = VolumeFile.FormatOf file |> Option.ofObj |> Option.defaultValue ""
    file[.. file.Length - ending.Length - 1] + suffix + ending

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let file = arguments.GetResult Out

    let shortest, longest =
        match numbers "--bounds" (arguments.GetResult(Bounds, "1,500")) with
        | [ low; high ] when low < high -> low, high
        | _ ->
            Fail.usage
                "--bounds"
                "not a smaller and a larger time"
                "Write two times in ms, such as --bounds 1,500"

    let found = echoes arguments
    let images = read found
    let clock = Stopwatch.StartNew()

    let maps =
        T2Fit.Of(ResizeArray images, ResizeArray(found |> List.map _.Time), shortest, longest)

    let seconds = clock.Elapsed.TotalSeconds
    VolumeFile.Write(file, maps.T2)
    VolumeFile.Write(beside file "-m0", maps.M0)

    // Two echoes are always met exactly.
    if found.Length > 2 then
        VolumeFile.Write(beside file "-r2", maps.Determination)

    let fitted = maps.T2.Voxels |> Array.filter (fun t2 -> t2 > 0f)

    let median =
        if fitted.Length = 0 then
            Nullable()
        else
            Array.sortInPlace fitted
            Nullable(float fitted[fitted.Length / 2])

    printfn
        "%s: %s of %s voxels fitted to %d echoes (%s ms) in %s s, median T2 %s ms"
        file
        (Output.count fitted.LongLength)
        (Output.count maps.T2.Voxels.LongLength)
        found.Length
        (String.Join(", ", found |> List.map (fun echo -> string echo.Time)))
        (Output.decimal 1 (Nullable seconds))
        (Output.decimal 1 median)

    ExitCode.Done

/// The command.
let command =
    Command.create
        "t2-fit"
        "Fit a T2 map to several spin echoes"
        "Fits S = M0 exp(-TE/T2) at each voxel by least squares, from two echoes in closed form. Voxels where an echo is not
positive or T2 is out of bounds are 0. Noise of magnitude images lengthens T2, by more than 5 % where the first echo's
signal is below 10 times the noise. The two echoes of DESS are no decay of this kind."
        "kneeseg t2-fit scans/t2-mapping --out t2.nii.gz
        kneeseg t2-fit echo1.nii.gz echo2.nii.gz echo3.nii.gz --te 10,20,30 --out t2.nii.gz"
        run
