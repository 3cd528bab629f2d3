// A notebook in F#: send it to F# Interactive cell by cell (Alt+Enter in an editor), or run it whole:
//   dotnet build dsl/KneeSeg.Diagrams -c Release
//   dotnet fsi samples/notebook.fsx
#r "../dsl/KneeSeg.Diagrams/bin/Release/net10.0/KneeSeg.Dsl.dll"
#r "../dsl/KneeSeg.Diagrams/bin/Release/net10.0/KneeSeg.Diagrams.dll"

open System.IO
open KneeSeg.Dsl
open KneeSeg.Diagrams

// %% Declare a network: three levels and a bottleneck.
let twice width =
    repeat 2 (chain [ conv 3 width; batchNorm; relu ])

let level width = {
    Encode = twice width
    Down = maxPool 2
    Skip = concat
    Up = deconv 2 width
    Decode = twice width
}

let mine =
    network3d "mine" [ encoderDecoder (List.map level [ 12; 24; 48 ]) (twice 96); classify ]

let build network =
    Networks.Elaborate(NetworkSpec network, channels = 1, classes = 7)

// %% Look at errors: each says where, what and how to fix it. This network forgets to upsample.
try
    build (network3d "wrong" [ conv 3 16; maxPool 2; classify ]) |> ignore
with :? SpecException as e ->
    for diagnostic in e.Diagnostics do
        printfn $"{diagnostic}"

// %% Count parameters and operations at an input size.
let show name (graph: Graph) =
    let cost = Networks.Cost(graph, [| 32; 64; 64 |])
    printfn $"%-24s{name} %10d{cost.Parameters} parameters %8.1f{float cost.Macs / 1e6} million MACs"

let graph = build mine
show "mine" graph

// %% Draw it, and store it as JSON for the command line or a C# program.
let inTemporary name = Path.Combine(Path.GetTempPath(), name)

File.WriteAllText(inTemporary "mine.svg", Diagram.Svg(graph, [| 32; 64; 64 |]))
File.WriteAllText(inTemporary "mine.json", Json.text mine)
printfn $"""written: {inTemporary "mine.svg"}, {inTemporary "mine.json"}"""

// %% Compare variants, by the names that the command line takes too.
for name in [ "unet3d+tiny"; "unet3d+small"; "unet3d+small+relative"; "vnet+small" ] do
    show name (Networks.Load(name, channels = 1, classes = 7))
