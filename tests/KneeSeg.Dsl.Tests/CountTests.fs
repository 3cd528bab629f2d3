/// Parameters and multiply-accumulates against other people's counts.
module KneeSeg.Dsl.Tests.CountTests

open System
open Expecto
open KneeSeg.Dsl
open KneeSeg.Specs
open KneeSeg.Dsl.Tests.Gallery

let private cost spec channels classes size =
    Networks.Cost(Networks.Load(spec, channels, classes), size)

/// Every network of the family and of the zoo with one variant, one line each: what it computes, what its weights are
/// called, and what it costs.
let private family () =
    let variants = "" :: [ for variant in Networks.Variants -> "+" + variant.Name ]

    let names = [
        for network in Family.everything () -> network.FullName
        for network in Networks.All do
            for variant in variants -> network.Name + variant
    ]

    let line (name: string) =
        try
            let graph = Networks.Load(name, 1, 7)
            let cost = Networks.Cost(graph, Networks.DefaultSize graph)

            let checkpointing =
                Networks.ActivationCheckpointing(graph, Networks.DefaultSize graph, 2, 2, backend)

            let peak = Networks.PeakMemory(graph, Networks.DefaultSize graph, 1, 4, backend)

            let weights =
                graph.Nodes
                |> Array.map _.Weights
                |> Array.filter ((<>) "")
                |> String.concat "\n"
                |> Text.Encoding.UTF8.GetBytes
                |> Security.Cryptography.SHA256.HashData
                |> Convert.ToHexStringLower

            Some
                $"{name} {graph.Hash} {weights.Substring(0, 8)} {cost.Parameters} {cost.Macs} {peak.Predict} {peak.Train} {checkpointing.Train}"
        with :? SpecException ->
            None

    names |> List.distinct |> List.choose line |> List.sort

[<Tests>]
let tests =
    testList "counts" [
        test "no network of the family has changed" {
            Committed.same "family.txt" (String.concat "\n" (family ()) + "\n")
        }

        for row in Networks.ReferenceCounts do
            let size = String.concat "x" (Array.map string row.Size)

            test
                $"{row.Spec} from {row.Channels} channels to {row.Classes} classes at {size} has its reference's counts" {
                let cost = cost row.Spec row.Channels row.Classes row.Size
                Expect.equal cost.Parameters row.Parameters "parameters"
                Expect.equal cost.Macs row.Macs "multiply-accumulates"
            }

        test "UNet++ with the paper's four heads has the counts of its reference" {
            let cost = cost "unet-plus-plus+deep-supervision" 3 1 [| 288; 288 |]
            Expect.equal cost.Parameters 9_163_428L "parameters"
            Expect.equal cost.Macs 43_653_758_976L "multiply-accumulates"
        }

        // The compressor of 4 channels in 4 x 4 x 4 cells: 256 to 16 to 4, then with the position to 1.
        for spec, plain in [ "small-relative-unet3d", 1_428L; "small-relative-vnet", 1_403L ] do
            test $"{spec} has the parameters of its plain network and of its compressor" {
                Expect.equal
                    (cost spec 1 1 [| 32; 32; 32 |]).Parameters
                    (plain + (256L * 16L + 16L) + (16L * 4L + 4L) + (7L + 1L))
                    "parameters"
            }
    ]
