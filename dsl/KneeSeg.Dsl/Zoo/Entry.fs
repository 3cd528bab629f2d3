/// The zoo's description of a network.
namespace KneeSeg.Dsl.Zoo

open KneeSeg.Dsl.Spec

/// A network, and what is known of it.
type Entry = {
    Network: Network
    /// What it is, in half a sentence.
    Summary: string
    /// Authors, year, title.
    Paper: string
    /// Where it differs from the paper, and whose form it has.
    Departures: string
}
