/// What C# can see of the language.
module KneeSeg.Dsl.Tests.DoorTests

open System
open System.Reflection
open Expecto
open KneeSeg.Diagrams
open KneeSeg.Dsl

/// Public types of the namespaces that are no F# modules.
let private door =
    [| typeof<Networks>; typeof<Diagram> |]
    |> Array.collect _.Assembly.GetExportedTypes()
    |> Array.filter (fun t ->
        not t.IsNested
        && (t = typeof<Networks>
            || t = typeof<Diagram>
            || t.Namespace = "KneeSeg.Dsl" && not (t.IsAbstract && t.IsSealed)))

let private said (t: Type) (m: MemberInfo) =
    match m with
    | :? PropertyInfo as property -> [ property.PropertyType ]
    | :? MethodInfo as call when call.DeclaringType = t ->
        call.ReturnType :: [ for p in call.GetParameters() -> p.ParameterType ]
    | :? ConstructorInfo as make -> [ for p in make.GetParameters() -> p.ParameterType ]
    | _ -> []

[<Tests>]
let tests =
    testList "the door" [
        test "leaks no F# type" {
            let leaks = [
                for t in door do
                    for nested in t :: List.ofArray (t.GetNestedTypes()) do
                        for m in nested.GetMembers() do
                            for used in said nested m do
                                if (string used).Contains "Microsoft.FSharp" then
                                    $"{nested.Name}.{m.Name}: {used}"
            ]

            Expect.isEmpty leaks "arrays, text, numbers and records only"

            Expect.containsAll
                door
                [ typeof<Graph>; typeof<Step>; typeof<NetworkSpec> ]
                "it looked at the types"
        }

        test "the language needs FSharp.Core alone" {
            let needed =
                typeof<Networks>.Assembly.GetReferencedAssemblies()
                |> Array.map _.Name
                |> Array.filter (fun name ->
                    name <> "netstandard"
                    && not ((string name).StartsWith("System", StringComparison.Ordinal)))

            Expect.equal needed [| "FSharp.Core" |] "but for the runtime"
        }

        test "a network's JSON is what loads it again" {
            let text = (Networks.Parse "vnet+relative").Json

            Expect.equal
                (Networks.Load(text, 2, 5).Hash)
                (Networks.Load("vnet+relative", 2, 5).Hash)
                "one architecture"

            Expect.equal (Networks.Parse text).Json text "one text"
        }

        test "every network and variant is described" {
            for network in Networks.All do
                Expect.equal (Networks.Load(network.Name, 1, 7)).Axes network.SpatialDims network.Name
                Expect.isNotEmpty network.Paper network.Name

            Expect.equal Networks.All.Length Zoo.Entries.all.Length "networks"
            Expect.equal Networks.Variants.Length VariantRegistry.variants.Length "variants"
        }
    ]
