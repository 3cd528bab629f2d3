/// Specs that no one would write: what scripts and files may hold is refused by name, and nothing that can meet it
/// before it is refused overflows a stack, a count or the memory. An overflow ends the test program.
module KneeSeg.Dsl.Tests.LimitTests

open System
open Expecto
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words

let private tooDeep = [
    "x: has more than 256 blocks inside one another. Put blocks in a row with chain."
]

let private tooMany = [ "x: has more than 10000 blocks. Repeat less." ]

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
    "a fork that doubles 60 times", grown 60 (fun block -> fork [ block; block ]), tooMany
    "100,000 blocks in a row", Chain(List.replicate 100_000 relu), tooMany
    "2,147,483,647 times a block", times Int32.MaxValue relu, tooMany
    "2,147,483,647 times the same weights", recur Int32.MaxValue (recur Int32.MaxValue relu), tooMany
    "10,000 levels",
    ladder
        (List.replicate 10_000 {
            Encode = relu
            Scale = Unpool(Every 2)
            Skip = concat
            Decode = relu
        })
        relu,
    tooMany
]

let private refused network sentences =
    match Elaborate.elaborate network with
    | Ok _ -> failtest "it was elaborated"
    | Error problems -> Expect.equal (List.map string problems) sentences "the sentence"

[<Tests>]
let tests =
    testList "limits" [
        for name, block, sentences in hostile do
            testList name [
                test "is refused" { refused (volume "x" [ conv 3 8; block; classify ]) sentences }

                test "is refused after every variant" {
                    for variant in Catalogue.variants do
                        refused (variant.Change(planar "x" [ block ])) sentences

                        Expect.isError
                            (Catalogue.apply variant (volume "x" [ block ]))
                            $"{variant.Label} applied by name"
                }

                test "is refused in a row, as whatever other words make of it" {
                    for word in [ strided 2; dilated 2; same; unbiased; inPlane; residual; times 3 ] do
                        refused (volume "x" [ word block; classify ]) sentences
                }

                test "is no script's answer" {
                    match Script.answers (box [ volume "x" [ block ] ]) with
                    | [ answer ] -> Expect.stringStarts answer "!has more than" "a refusal"
                    | _ -> failtest "not one answer"
                }
            ]

        test "as much as is allowed is changed, compared, hashed, stored and read" {
            let wide = List.replicate 3_000 (convTo keep 3)
            let deep = grown 250 residual

            for block in [ Chain wide; deep; fork wide; fork [ deep; asIs ] ] do
                let network = volume "x" [ conv 3 8; block; classify ]
                let halved = Variants.scaled 0.5 network
                Expect.notEqual halved network "scaled"
                Expect.equal (Json.read (Json.text halved)) (Ok halved) "read back"
                Expect.notEqual (hash halved) 0 "a hash"
                Expect.isOk (Elaborate.elaborate halved) "elaborated"
        }

        test "the first ladder is found behind thousands of blocks" {
            let rung = {
                Encode = conv 3 8
                Scale = Through(maxPool 2, deconv 2 8)
                Skip = concat
                Decode = conv 3 8
            }

            let network = volume "x" [ times 9_000 relu; ladder [ rung ] (conv 3 8); classify ]

            Expect.isOk (Catalogue.named "relative" |> Result.bind (fun v -> Catalogue.apply v network)) ""
        }

        test "counts beyond 64 bits stop at the largest" {
            let vast = volume "x" [ times 5_000 (conv 127 65_536); classify ]
            let graph = Models.Load(Json.text vast, 1, 7)
            let cost = Models.Cost(graph, [| 65_536; 65_536; 65_536 |])
            Expect.equal cost.Parameters Int64.MaxValue "parameters"
            Expect.equal cost.Macs Int64.MaxValue "multiply-accumulates"
            Expect.isGreaterThan cost.Train 100_000_000_000_000_000L "bytes of training"
            Expect.isGreaterThan cost.Predict 100_000_000_000_000_000L "bytes of predicting"
            Expect.equal (Cost.parametersOf graph.Nodes) Int64.MaxValue "parameters of nodes"
        }
    ]
