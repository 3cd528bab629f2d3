/// Specs that no one would write: what scripts and files may hold is refused by name, and nothing that can meet it
/// before it is refused overflows a stack, a count or the memory. An overflow ends the test program.
module KneeSeg.Dsl.Tests.LimitTests

open System
open Expecto
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Tests.Gallery

let private tooDeep = [
    "x: blocks are nested more than 256 deep. Put blocks one after another with `chain`."
]

let private tooMany = [ "x: more than 10000 blocks. Repeat less." ]

/// A block made by putting the last into the next.
let private grown times (next: Block -> Block) =
    let mutable block = relu

    for _ in 1..times do
        block <- next block

    block

let private hostile = [
    "100,000 sums inside one another", grown 100_000 residual, tooDeep
    "100,000 rows inside one another", grown 100_000 (fun block -> Chain [ block; relu ]), tooDeep
    "1,000,000 rows of one inside one another", grown 1_000_000 (fun block -> Chain [ block ]), tooDeep
    "100,000 stages inside one another", grown 100_000 (fun block -> stage "a" [ block ]), tooDeep
    "a row that doubles 60 times", grown 60 (fun block -> chain [ block; block ]), tooMany
    "branches that double 60 times", grown 60 (fun block -> branches [ block; block ]), tooMany
    "100,000 blocks in a row", Chain(List.replicate 100_000 relu), tooMany
    "2,147,483,647 times a block", repeat Int32.MaxValue relu, tooMany
    "2,147,483,647 times the same weights", recurrent Int32.MaxValue (recurrent Int32.MaxValue relu), tooMany
    "10,000 levels",
    encoderDecoder
        (List.replicate 10_000 { Encode = relu; Down = maxPool 2; Skip = concat; Up = unpool; Decode = relu })
        relu,
    tooMany
]

let private refused network sentences =
    match elaborated network with
    | Ok _ -> failtest "it was elaborated"
    | Error problems -> Expect.equal (List.map string problems) sentences "the sentence"

[<Tests>]
let tests =
    testList "limits" [
        for name, block, sentences in hostile do
            testList name [
                test "is refused" { refused (network3d "x" [ conv 3 8; block; classify ]) sentences }

                test "is refused after every variant" {
                    for variant in VariantRegistry.variants do
                        refused (variant.Change(network2d "x" [ block ])) sentences

                        Expect.isError
                            (VariantRegistry.apply variant (network3d "x" [ block ]))
                            $"{variant.Label} applied by name"
                }

                test "is refused in a row, as whatever other words make of it" {
                    for word in
                        [ strided 2; dilated 2; samePadding; withoutBias; inPlane; residual; repeat 3 ] do
                        refused (network3d "x" [ word block; classify ]) sentences
                }

                test "is no script's value" {
                    match Script.lines (box [ network3d "x" [ block ] ]) with
                    | [ line ] -> Expect.stringStarts line "!" "a refusal"
                    | _ -> failtest "not one line"
                }
            ]

        test "as much as is allowed is changed, compared, hashed, stored and read" {
            let wide = List.replicate 3_000 (convTo sameChannels 3)
            let deep = grown 250 residual

            for block in [ Chain wide; deep; branches wide; branches [ deep; identity ] ] do
                let network = network3d "x" [ conv 3 8; block; classify ]
                let halved = Variants.scaled 0.5 network
                Expect.notEqual halved network "scaled"
                Expect.equal (Json.read (Json.text halved)) (Ok halved) "read back"
                Expect.notEqual (hash halved) 0 "a hash"
                Expect.isOk (elaborated halved) "elaborated"
        }

        test "the first encoder-decoder is found behind thousands of blocks" {
            let rung = {
                Encode = conv 3 8
                Down = maxPool 2
                Skip = concat
                Up = deconv 2 8
                Decode = conv 3 8
            }

            let network =
                network3d "x" [ repeat 9_000 relu; encoderDecoder [ rung ] (conv 3 8); classify ]

            Expect.isOk
                (VariantRegistry.named "relative"
                 |> Result.bind (fun v -> VariantRegistry.apply v network))
                ""
        }

        test "counts beyond 64 bits stop at the largest" {
            let vast = network3d "x" [ repeat 5_000 (conv 127 65_536); classify ]
            let graph = Networks.Load(Json.text vast, 1, 7)
            let size = [| 65_536; 65_536; 65_536 |]

            let cost, peak =
                Networks.Cost(graph, size), Networks.PeakMemory(graph, size, 1, 4, backend)

            Expect.equal cost.Parameters Int64.MaxValue "parameters"
            Expect.equal cost.Macs Int64.MaxValue "multiply-accumulates"
            Expect.isGreaterThan peak.Train 100_000_000_000_000_000L "bytes of training"
            Expect.isGreaterThan peak.Predict 100_000_000_000_000_000L "bytes of predicting"
            Expect.equal (Cost.parametersOf graph.Nodes) Int64.MaxValue "parameters of nodes"
        }
    ]
