// A notebook in F#: send it to F# Interactive cell by cell (Alt+Enter in an editor), or run it whole:
//   dotnet build dsl/KneeSeg.Dsl -c Release
//   dotnet fsi samples/notebook.fsx
#r "../dsl/KneeSeg.Dsl/bin/Release/net10.0/KneeSeg.Dsl.dll"

open System.IO
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

// %% Declare a network: three levels and a bottleneck.
let twice width =
    times 2 (chain [ conv 3 width; batch; relu ])

let level width = {
    Encode = twice width
    Scale = Through(maxPool 2, deconv 2 width)
    Skip = concat
    Decode = twice width
}

let mine =
    volume "mine" [ ladder (List.map level [ 12; 24; 48 ]) (twice 96); classify ]

let build network =
    Models.Load(Json.text network, channels = 1, classes = 7)

// %% Look at errors: each says where, what and how to fix it. This network forgets to come back up.
try
    build (volume "wrong" [ conv 3 16; maxPool 2; classify ]) |> ignore
with :? SpecException as e ->
    for problem in e.Problems do
        printfn $"{problem}"

// %% Count parameters and operations at an input size.
let show name (graph: Graph) =
    let cost = Models.Cost(graph, [| 32; 64; 64 |])
    printfn $"%-24s{name} %10d{cost.Parameters} parameters %8.1f{float cost.Macs / 1e6} million MACs"

let graph = build mine
show "mine" graph

// %% Draw it, and store it as JSON for the command line or a C# program.
let inTemporary name = Path.Combine(Path.GetTempPath(), name)

File.WriteAllText(inTemporary "mine.svg", Models.Svg(graph, [| 32; 64; 64 |]))
File.WriteAllText(inTemporary "mine.json", Json.text mine)
printfn $"""written: {inTemporary "mine.svg"}, {inTemporary "mine.json"}"""

// %% Compare variants, by the names that the command line takes too.
for name in [ "unet3d+tiny"; "unet3d+small"; "unet3d+small+relative"; "vnet+small" ] do
    show name (Models.Load(name, channels = 1, classes = 7))
