using KneeSeg.Dsl;
using KneeSeg.Torch;
using KneeSeg.Torch.Checkpoints;
using KneeSeg.Torch.PyTorch;
using KneeSeg.Weights;
using static TorchSharp.torch;

namespace KneeSeg.Bench;

/// <summary>Networks of the zoo as modules of PyTorch, with an input and its logits, for bench/pytorch.sh to compare.</summary>
internal static class PyTorchBench
{
    private const int Volume = 32;
    private const int Image = 96;

    /// <summary>Writes NAME.py, NAME.safetensors and NAME.io.safetensors of each.</summary>
    public static void Run(string folder, string? only)
    {
        foreach (var name in Networks.All.Select(one => one.Name))
            if (only is null || only == name)
                Write(folder, name);
    }

    private static void Write(string folder, string name)
    {
        string At(string ending) => Path.Combine(folder, name.Replace('-', '_') + ending);
        var graph = Small(name);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var network = new TorchNetwork(graph, seed: 1);
        random.manual_seed(1);
        foreach (var (key, tensor) in network.state_dict())
            if (key.EndsWith("running_var", StringComparison.Ordinal))
                nn.init.uniform_(tensor, 0.5, 2);
            else if (tensor.dim() == 1)
                tensor.add_(0.2 * randn_like(tensor));
        network.eval();
        var image = randn([2, 1, .. WindowOf(graph).Select(length => (long)length)]);
        var position = randn([2, 3]);
        var io = new Dictionary<string, StoredTensor>
        {
            ["image"] = TensorBytes.Store(image),
            ["logits"] = TensorBytes.Store(network.forward(image, position)),
        };
        if (graph.Nodes.Any(node => node.Op is Op.Input { Name: "position" }))
            io.Add("position", TensorBytes.Store(position));
        var nothing = new Dictionary<string, string>();
        new SafetensorsFile(PythonModule.Weights(network), nothing).Write(At(".safetensors"));
        new SafetensorsFile(io, nothing).Write(At(".io.safetensors"));
        File.WriteAllText(At(".py"), PythonModule.Write(graph, graph.Name, ""));
    }

    // Where a network can't be made so narrow, as it is.
    private static Graph Small(string name)
    {
        try
        {
            return Networks.Load(name + "+tiny", 1, 5);
        }
        catch (SpecException)
        {
            return Networks.Load(name, 1, 5);
        }
    }

    // The smallest size from the least on that the network takes.
    private static int[] WindowOf(Graph graph)
    {
        for (var least = graph.Axes == 2 ? Image : Volume; ; least *= 2)
        {
            var window = BenchSize.Of(graph, least, least);
            try
            {
                Networks.CheckSize(graph, window);
                return window;
            }
            catch (SpecException) when (least < 4 * Image) { }
        }
    }
}
