/// The table of activations.
module KneeSeg.Dsl.Tests.ActivationTests

open Expecto
open Microsoft.FSharp.Reflection
open KneeSeg.Dsl

[<Tests>]
let tests =
    testList "activations" [
        test "JSON can name every one" {
            let cases = FSharpType.GetUnionCases typeof<Activation>

            let named =
                [ yield! Activations.plain; for _, make in Activations.parametric -> make 0.5 ]
                |> List.map (fun activation ->
                    (FSharpValue.GetUnionFields(activation, typeof<Activation>) |> fst).Name)

            Expect.equal (List.sort named) (List.sort [ for case in cases -> case.Name ]) "each once"
        }

        test "a name reads as words" {
            Expect.equal (Ops.name (Op.Activation(LeakyRelu 0.1, 4))) "leaky relu" "two words"
            Expect.equal (Ops.name (Op.Activation(PRelu, 4))) "prelu" "one word"
        }
    ]
