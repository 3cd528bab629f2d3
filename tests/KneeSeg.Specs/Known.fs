/// Networks that a person could ask for by name.
module KneeSeg.Specs.Known

open FsCheck.FSharp
open KneeSeg.Dsl

/// A network of the zoo with a few variants that change it.
let networks =
    gen {
        let! entry = Gen.elements Zoo.Entries.all
        let! variants = Gen.shuffle VariantRegistry.variants
        let! count = Gen.choose (0, 4)

        let add (network: Spec.Network) variant =
            match VariantRegistry.apply variant network with
            | Ok changed -> changed
            | Error _ -> network

        return variants |> Seq.truncate count |> Seq.fold add entry.Network
    }
