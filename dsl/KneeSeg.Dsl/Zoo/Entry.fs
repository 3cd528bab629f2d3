/// What the zoo knows of a network.
namespace KneeSeg.Dsl.Zoo

open KneeSeg.Dsl.Spec

/// A network, and what to know about it.
type Entry = {
    Network: Network
    /// What it is, in half a sentence.
    Summary: string
    /// Authors, year, title.
    Paper: string
    /// Where it is not the paper's, and whose form it has.
    Departures: string
}
