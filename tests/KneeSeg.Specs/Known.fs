/// Networks that a person could ask for by name.
module KneeSeg.Specs.Known

open FsCheck.FSharp
open KneeSeg.Dsl

/// A network of the zoo with a few variants that change it, of which at most one is a size.
let networks =
    gen {
        let! entry = Gen.elements Zoo.Entries.all
        let! variants = Gen.shuffle Catalogue.variants
        let! count = Gen.choose (0, 4)

        let isSize (variant: Catalogue.Variant) =
            Catalogue.sizes |> List.exists (fun size -> size.Label = variant.Label)

        let add (network: Spec.Network, sized) variant =
            match Catalogue.apply variant network with
            | Ok changed when not (sized && isSize variant) -> changed, sized || isSize variant
            | _ -> network, sized

        return variants |> Seq.truncate count |> Seq.fold add (entry.Network, false) |> fst
    }
