// A volume labeled by ONNX Runtime in float32: windows at the given places, weighted by a Gaussian, and the most probable class.
#r "nuget: Microsoft.ML.OnnxRuntime, 1.31.1"

open System
open System.IO
open System.Runtime.InteropServices
open Microsoft.ML.OnnxRuntime

let words = fsi.CommandLineArgs |> Array.skip 1
let numbers (separator: char) (text: string) = text.Split separator |> Array.map int

let model, labelled = words[0], words[2]
let image = MemoryMarshal.Cast<byte, float32>(ReadOnlySpan(File.ReadAllBytes words[1])).ToArray()
let size, window = numbers 'x' words[3], numbers 'x' words[4]
let starts = words[5].Split 'x' |> Array.map (numbers ',')

let options = new SessionOptions(IntraOpNumThreads = Environment.ProcessorCount)
let session = new InferenceSession(model, options)
let input, output = "image", "probabilities"
let classes = session.OutputMetadata[output].Dimensions[1]

let gaussian (length: int) =
    let at i = (float i - float (length - 1) / 2.0) / (float length / 8.0)
    Array.init length (fun i -> float32 (exp (-0.5 * at i * at i)))

let along = Array.map gaussian window
let voxels = Array.fold (*) 1 size
let seen = Array.zeroCreate<float32> (Array.fold (*) 1 window)
let sums = Array.init classes (fun _ -> Array.zeroCreate<float32> voxels)

/// Each row of a window: where it begins there and in the volume, and its weight.
let rows (d: int) (h: int) (w: int) = [|
    for i in 0 .. window[0] - 1 do
        for j in 0 .. window[1] - 1 ->
            struct ((i * window[1] + j) * window[2], ((d + i) * size[1] + h + j) * size[2] + w, along[0][i] * along[1][j])
|]

let say d h w =
    let rows = rows d h w

    for struct (here, there, _) in rows do
        Array.Copy(image, there, seen, here, window[2])

    let shape = Array.append [| 1L; 1L |] (Array.map int64 window)
    use value = OrtValue.CreateTensorValueFromMemory(seen, shape)
    use run = new RunOptions()
    use answers = session.Run(run, [| input |], [| value |], [| output |])
    let said = answers[0].GetTensorDataAsSpan<float32>()

    for c in 0 .. classes - 1 do
        let sum = sums[c]

        for struct (here, there, weight) in rows do
            for k in 0 .. window[2] - 1 do
                sum[there + k] <- sum[there + k] + weight * along[2][k] * said[c * seen.Length + here + k]

let label () =
    for sum in sums do
        Array.Clear sum

    for d in starts[0] do
        for h in starts[1] do
            for w in starts[2] do
                say d h w

    let best voxel =
        let mutable best = 0

        for c in 1 .. classes - 1 do
            if sums[c][voxel] > sums[best][voxel] then
                best <- c

        byte best

    Array.init voxels best

printfn "ready"

while not (isNull (Console.ReadLine())) do
    File.WriteAllBytes(labelled, label ())
    printfn "done"
