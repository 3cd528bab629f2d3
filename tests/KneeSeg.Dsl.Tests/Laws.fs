/// How laws are checked here: on random networks of three kinds.
module KneeSeg.Dsl.Tests.Laws

open FsCheck.FSharp
open KneeSeg.Dsl.Spec
open KneeSeg.Specs

/// Any tree of blocks: most make no sense.
type Wild = Wild of Network

/// A network that works.
type Legal = Legal of Network

/// A network that a person could have asked for by name.
[<StructuredFormatDisplay("{Name}")>]
type Known =
    | Known of Network

    member known.Name =
        let (Known network) = known
        network.FullName

type Arbitraries =
    static member Wild() =
        Wild.networks |> Gen.map Wild |> Arb.fromGen

    static member Legal() =
        Legal.networks |> Gen.map Legal |> Arb.fromGen

    static member Known() =
        Known.networks |> Gen.map Known |> Arb.fromGen

let config = {
    Expecto.FsCheckConfig.defaultConfig with
        maxTest = 300
        arbitrary = [ typeof<Arbitraries> ]
}
