namespace KneeSeg.Dsl

open System
open KneeSeg.Dsl.Spec

/// A spec that cannot be read, built or used so. `Where`, `What` and `Fix` are those of the first diagnostic.
type SpecException(diagnostics: Diagnostic[]) =
    inherit Exception(String.Join(Environment.NewLine, diagnostics |> Array.map string))

    /// Every error, in the order of the spec.
    member _.Diagnostics = diagnostics

    /// The network, stage, axis or JSON path concerned.
    member _.Where = diagnostics[0].Where

    /// What is wrong, without a full stop.
    member _.What = diagnostics[0].What

    /// What to do, without a full stop.
    member _.Fix = diagnostics[0].Fix

    /// No network or variant has this name.
    member _.IsUnknownName = diagnostics[0].IsUnknownName

/// A network of the zoo. `SpatialDims` is 2 for images, 3 for volumes.
type NetworkInfo = { Name: string; SpatialDims: int; Summary: string; Paper: string }

/// A variant, applied by writing `+` and its name after a network's.
type VariantInfo = { Name: string; Summary: string }

/// The door for everything outside the language: text in, arrays and records out, one exception.
/// A spec is a name with variants, such as `vnet+relative`, or the canonical JSON of a network.
[<AbstractClass; Sealed>]
type Networks =
    static member private Need(result: Result<'T, Diagnostic list>) =
        match result with
        | Ok value -> value
        | Error diagnostics -> raise (SpecException(Array.ofList diagnostics))

    static member private Fitting (graph: Graph) size =
        InputSize.check graph size |> Result.mapError List.singleton |> Networks.Need
        size

    /// Every network of the zoo.
    static member All = [|
        for entry in Zoo.Entries.all ->
            {
                NetworkInfo.Name = entry.Network.Name
                SpatialDims = if entry.Network.SpatialDims = TwoD then 2 else 3
                Summary = entry.Summary
                Paper = entry.Paper
            }
    |]

    /// Every variant with a name of its own.
    static member Variants = [|
        for variant in VariantRegistry.variants ->
            { VariantInfo.Name = variant.Label; Summary = variant.Summary }
    |]

    /// The columns of a table of networks with these names: what they are based on, if that differs, and one for each kind of
    /// variant. None where there are fewer than two.
    static member Axes(names: string[]) : Axis[] = Axes.ofNames names

    /// Parameters and multiply-accumulates of named networks by other implementations.
    static member ReferenceCounts = Array.ofList Zoo.References.counts

    /// Outputs of named networks by other implementations.
    static member ReferenceOutputs = Array.ofList Zoo.References.outputs

    /// The network that a name with variants or a JSON text means.
    /// Throws SpecException when the name is unknown or the text can't be read.
    static member Parse(spec: string) : NetworkSpec =
        if spec.TrimStart().StartsWith '{' then
            Json.read spec
        else
            Names.parse spec |> Result.mapError List.singleton
        |> Networks.Need
        |> NetworkSpec

    /// The network of a configuration of nnU-Net, with deep supervision as it is trained there.
    static member OfNnunet(plan: NnunetPlan) : NetworkSpec = NetworkSpec(NnunetPlan.network plan)

    /// The network of a plan.
    static member OfPlan(plan: UNetPlan) : NetworkSpec = NetworkSpec(UNetPlan.network plan)

    /// A script of the same network, which begins with a comment.
    static member ScriptOfPlan(plan: UNetPlan, comment: string) : string = UNetPlan.script comment plan

    /// The graph of a network, for images of so many channels and so many classes.
    /// Throws SpecException when it can't be built.
    static member Elaborate(spec: NetworkSpec, channels: int, classes: int) : Graph =
        spec.Graph(channels, classes) |> Networks.Need

    /// `Parse`, then `Elaborate`.
    static member Load(spec: string, channels: int, classes: int) : Graph =
        Networks.Elaborate(Networks.Parse spec, channels, classes)

    /// Throws SpecException, naming the axis, the numbers and a fix, unless the graph takes images of this size.
    static member CheckSize(graph: Graph, size: int[]) : unit = Networks.Fitting graph size |> ignore

    /// Throws SpecException, naming the norm, unless the graph can be trained on batches of so many images of this size.
    static member CheckBatch(graph: Graph, size: int[], batch: int) : unit =
        let size = Networks.Fitting graph size

        InputSize.checkBatch graph size batch
        |> Result.mapError List.singleton
        |> Networks.Need

    /// The fewest images that a training step needs at this size. Throws SpecException as `CheckSize` does.
    static member SmallestBatch(graph: Graph, size: int[]) : int =
        Networks.Fitting graph size |> InputSize.smallestBatch graph

    /// What the network costs at this size. Throws SpecException as `CheckSize` does.
    static member Cost(graph: Graph, size: int[]) : Cost =
        Cost.measure graph (Networks.Fitting graph size)

    /// The memory that a backend needs for a batch of images of this size, with feature maps in float32 (a width of 4 bytes) or
    /// bfloat16 (2); sizes of batches from 1 to 1024. Throws SpecException as `CheckSize` does.
    static member PeakMemory
        (graph: Graph, size: int[], batch: int, width: int, backend: BackendMemory)
        : PeakMemory =
        Cost.memory graph (Networks.Fitting graph size) (System.Math.Clamp(batch, 1, 1024)) width backend

    /// The activation checkpointing with which a training step on such a batch takes the least memory.
    /// Throws SpecException as `CheckSize` does.
    static member ActivationCheckpointing
        (graph: Graph, size: int[], batch: int, width: int, backend: BackendMemory)
        : ActivationCheckpointing =
        Cost.checkpointing
            graph
            (Networks.Fitting graph size)
            (System.Math.Clamp(batch, 1, 1024))
            width
            backend

    /// The context that tiles need so that together they output what the whole image does.
    static member TileMargin(graph: Graph) : TileMargin = TileMargin.measure graph

    /// The size of a node's feature map for an input of this size, per axis; 1 where it is a single voxel.
    static member ShapeOf(node: Node, size: int[]) : int[] = Voxels.size size node

    /// The size that `describe` and `zoo` take when none is given: 288x288, 64x64x64, or 5x160x160 where a few
    /// slices become one; the next larger one where the network does not take it.
    static member DefaultSize(graph: Graph) : int[] =
        match graph.Nodes[graph.Output].Shape.Stride with
        | [| _; _ |] -> [| 288; 288 |]
        | [| 0; _; _ |] -> [| (if graph.Slices = 0 then 5 else graph.Slices); 160; 160 |]
        | _ -> [| 64; 64; 64 |]
        |> Array.mapi (fun axis size ->
            let step = graph.Multiple[axis]
            max (InputSize.smallest graph axis) (Rounded.up size step * step))
