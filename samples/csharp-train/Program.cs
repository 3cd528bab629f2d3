// Looks at a network, then trains it for a few steps on generated knees.
//   dotnet run --project samples/csharp-train -- FOLDER
using KneeSeg;
using KneeSeg.Data;
using KneeSeg.Data.Phantoms;
using KneeSeg.Dsl;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;
using KneeSeg.Training;
using static TorchSharp.torch;

var folder = args is [var first, ..] ? first : "csharp-sample";

try
{
    // A network is a zoo name with variants, or a spec's JSON. Building its graph needs no tensor.
    const int channels = 1;
    const int classes = 7;
    var network = Networks.Parse("unet3d+tiny");
    var graph = Networks.Elaborate(network, channels, classes);
    int[] size = [16, 32, 32];
    var cost = Networks.Cost(graph, size);
    Console.WriteLine($"{graph.Name}: {graph.Nodes.Length} operations");
    Console.WriteLine($"  {cost.Parameters} parameters, {cost.Macs / 1e6:0.0} million MACs");
    var peak = LibtorchMemory.Peak(graph, size);
    Console.WriteLine($"  a training step takes {peak.Train / 1e6:0.0} MB");

    // Five generated knees. DatasetFolder.Open reads a dataset of your own.
    var knees = PhantomSet.Write(Path.Combine(folder, "knees"), 5, new ModelSize(16, 32, 32));

    var recipe = new Recipe
    {
        Epochs = 2,
        StepsPerEpoch = 6,
        BatchSize = 1,
        Patch = new(16, 32, 32),
        ValidateEvery = 1,
    };
    var run = Path.Combine(folder, "run");
    var request = new TrainingRequest(network, knees.Folder, run, recipe, Precision.Auto, CPU);

    // The same request again resumes a run that was interrupted, and returns at once when it is finished.
    var result = Trainer.Run(request, SilentProgress.Instance, observers: []);
    foreach (var epoch in result.Epochs)
        Console.WriteLine($"epoch {epoch.Epoch}: loss {epoch.Loss:0.000}");
    Console.WriteLine($"weights are in {result.Run.Root}");
    return 0;
}
catch (SpecException e)
{
    // The network cannot be built: every diagnostic has where, what and fix.
    foreach (var diagnostic in e.Diagnostics)
        Console.Error.WriteLine(diagnostic);
    return (int)ExitCode.Spec;
}
catch (ProblemException e)
{
    Console.Error.WriteLine($"{e.Where}: {e.What}. {e.Fix}.");
    return (int)e.Exit;
}
