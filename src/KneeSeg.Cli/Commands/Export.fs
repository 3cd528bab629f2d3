/// `kneeseg export`: a trained network for other programs.
module KneeSeg.Cli.Commands.Export

open System
open System.Globalization
open Argu
open KneeSeg
open KneeSeg.Cli
open KneeSeg.Inference.Export
open KneeSeg.Onnx

/// How weights are stored.
type Weights =
    | Float32
    | Float16
    | BFloat16

/// The arguments.
type Arguments =
    | [<MainCommand; ExactlyOnce>] Run of RUN: string
    | [<Mandatory>] Onnx of FILE: string
    | Weights of Weights
    | Unfolded
    | [<CustomCommandLine("--output")>] Named of NAME: string
    | Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Run _ -> "run folder"
            | Onnx _ -> "file for the model; a manifest with the same name and .json is written beside it"
            | Weights _ ->
                "how weights are stored: float32 (default), or float16 or bfloat16 in half of the space; all compute in float32"
            | Unfolded ->
                "keep batch norms as operators of their own instead of folding them into convolutions, for programs that train on"
            | Named _ -> "also export this output of the network; can be repeated"
            | Json -> "print the manifest"

let private run (arguments: ParseResults<Arguments>) : ExitCode =
    let file = arguments.GetResult Onnx

    if not (file.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)) then
        Fail.usage "--onnx" $"{file} does not end in .onnx" "Name the file so, as in knee.onnx"

    let weights =
        match arguments.GetResult(Weights, Float32) with
        | Float32 -> WeightType.Float32
        | Float16 -> WeightType.Float16
        | BFloat16 -> WeightType.BFloat16

    let options =
        OnnxOptions(weights, arguments.Contains Unfolded, ResizeArray(arguments.GetResults Named))

    let exported =
        Terminal.watch (fun progress -> OnnxExport.Run(arguments.GetResult Run, file, options, progress))

    let certificate = exported.Manifest.Certificate |> Option.ofObj |> Option.get

    if arguments.Contains Json then
        printfn "%s" (exported.Manifest.ToJson())
    else
        let operators = Seq.sum certificate.Operators.Values

        printfn
            "%s: %s, %d operators of opset %d, %s"
            exported.Model
            exported.Manifest.Network
            operators
            certificate.Opset
            (ByteSize.Of exported.Bytes)

        printfn
            "ONNX Runtime %s on %d windows of noise and %d of images: largest difference %s deviations, %s %% of labels equal"
            certificate.Runtime
            certificate.RandomWindows
            certificate.RealWindows
            (certificate.LargestDifference.ToString("0.0e+0", CultureInfo.InvariantCulture))
            (Output.decimal 3 (Nullable(100.0 * certificate.SameLabels)))

        printfn "%s: preprocessing, windows and labels, for programs that use it" exported.Description

    ExitCode.Done

/// The command.
let command =
    Command.create
        "export"
        "Write a trained network as an ONNX model"
        "Writes the network of a run as an ONNX model, operation by operation, with batch norms folded into convolutions.
ONNX Runtime then predicts windows with it: if it differs from the network, nothing is written. The manifest
beside the model, which is also in its metadata, has all that a program needs to predict with it."
        "kneeseg export runs/first --onnx knee.onnx
        kneeseg export runs/first --onnx small.onnx --weights float16"
        run
