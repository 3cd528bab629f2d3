namespace KneeSeg.Dsl

open System.Collections.Concurrent
open KneeSeg.Dsl.Spec

/// A network as C# hands it on: a value without an F# type in sight. `Networks.Parse` reads one, `Networks.Elaborate` builds
/// its graph.
[<Sealed>]
type NetworkSpec(network: Network) =
    // A graph never changes, so whoever asks again gets the same.
    let graphs =
        ConcurrentDictionary<struct (int * int), Result<Graph, Diagnostic list>>()

    /// The name with variants.
    member _.Name = network.FullName

    /// The canonical JSON: what checkpoints store.
    member _.Json = Json.text network

    override spec.ToString() = spec.Name

    member internal _.Graph(channels, classes) =
        graphs.GetOrAdd(struct (channels, classes), (fun _ -> Elaborate.elaborate channels classes network))
