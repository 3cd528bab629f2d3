using System.Text;
using KneeSeg.Dsl;
using KneeSeg.Torch.Checkpoints;
using KneeSeg.Torch.Layers;
using KneeSeg.Weights;

namespace KneeSeg.Torch.PyTorch;

/// <summary>
/// A graph as a Python file with one module of PyTorch: the stages are its attributes, and its forward pass is written out, a
/// line for each operation. Only torch is imported.
/// </summary>
public static class PythonModule
{
    /// <summary>The file's text.</summary>
    /// <param name="graph">The network; what only training needs is left out.</param>
    /// <param name="about">What people read at the beginning.</param>
    /// <param name="weights">The file name of the weights, which is the default of <c>load</c>.</param>
    public static string Write(Graph graph, string about, string weights)
    {
        var body = $"{Constructor(graph)}\n{Forward(graph)}";
        var helpers = PythonHelpers.All.Where(helper => body.Contains($"{helper.Name}("));
        return $""""
            """{about}"""

            import json
            import math
            import struct

            import torch
            from torch import nn
            from torch.nn import functional as F


            {string.Concat(
                helpers.Select(helper => $"{helper.Text}\n\n\n")
            )}class Network(nn.Module):
                def __init__(self):
                    super().__init__()
            {body}

            def load(path="{weights}"):
                """The network with the weights of a safetensors file, ready to predict."""
                with open(path, "rb") as file:
                    (length,) = struct.unpack("<Q", file.read(8))
                    header = json.loads(file.read(length))
                    data = file.read()
                header.pop("__metadata__", None)
                weights = dict()
                for name, about in header.items():
                    begin, end = about["data_offsets"]
                    values = torch.frombuffer(bytearray(data[begin:end]), dtype=torch.float32)
                    weights[name] = values.reshape(about["shape"])
                network = Network()
                network.load_state_dict(weights)
                return network.eval()

            """";
    }

    /// <summary>A network's weights under the names that they have in such a file.</summary>
    public static Dictionary<string, StoredTensor> Weights(TorchNetwork network)
    {
        var names = Needed(network.Graph)
            .Where(node => node.Weights != "")
            .DistinctBy(node => node.Weights)
            .ToDictionary(TorchNetwork.NameOf, node => new PythonLayer(network.Graph, node).Name);
        var weights = new Dictionary<string, StoredTensor>();
        foreach (var (name, tensor) in network.state_dict())
            if (name.LastIndexOf('.') is var dot && names.TryGetValue(name[..dot], out var layer))
                weights.Add(layer + name[dot..], TensorBytes.Store(tensor));
        return weights;
    }

    private static string Constructor(Graph graph)
    {
        var layers = Needed(graph)
            .Select(node => new PythonLayer(graph, node))
            .Where(layer => layer.Name != "")
            .DistinctBy(layer => layer.Name)
            .ToDictionary(layer => layer.Name);
        var text = new StringBuilder();
        var made = new HashSet<string>();
        foreach (var name in layers.Keys)
            Make(name);
        return text.ToString();

        // A layer may itself have stages below it.
        void Make(string name)
        {
            if (!made.Add(name))
                return;
            if (name.LastIndexOf('.') is >= 0 and var dot)
                Make(name[..dot]);
            var lines = layers.TryGetValue(name, out var layer)
                ? layer.Constructor($"self.{name}")
                : [$"self.{name} = nn.Module()"];
            foreach (var line in lines)
                text.Append($"        {line}\n");
        }
    }

    private static string Forward(Graph graph)
    {
        var nodes = Needed(graph);
        var lastUse = new Dictionary<int, int>();
        foreach (var node in nodes)
        foreach (var argument in node.Args)
            lastUse[argument] = node.Id;
        var inputs = nodes.Select(node => (node.Op as Op.Input)?.Name).OfType<string>().Order();
        var text = new StringBuilder($"    def forward(self, {string.Join(", ", inputs)}):\n");
        var names = new Dictionary<int, string>();
        var taken = new HashSet<string>();
        var part = "";
        foreach (var node in nodes)
        {
            if (node.Op is Op.Input { Name: var input })
            {
                names[node.Id] = input;
                // Three numbers of each image.
                if (input != "image")
                    text.Append(
                        $"        {input} = {input}[{string.Join(", ", [":", ":", .. Enumerable.Repeat("None", graph.Axes)])}]\n"
                    );
                continue;
            }
            string[] arguments = [.. node.Args.Select(id => names[id])];
            // A variable is used again once nothing needs its value.
            foreach (var id in node.Args.Where(id => lastUse[id] == node.Id))
                taken.Remove(names[id]);
            var name = Enumerable
                .Range(1, int.MaxValue)
                .Select(i => i == 1 ? "x" : $"x{i}")
                .First(taken.Add);
            names[node.Id] = name;
            var stage = string.Join('/', node.Path.SkipLast(1));
            if (stage != part)
                text.Append($"        # {(stage is "" ? graph.Name : stage)}\n");
            part = stage;
            var places = node.Op is Op.Unpool ? Places(node.Args[1]) : "";
            var result =
                node.Op is Op.MaxPool && ModuleFactory.IsUnpooled(graph, node)
                    ? $"{name}, {Places(node.Id)}"
                    : name;
            text.Append(
                $"        {result} = {new PythonLayer(graph, node).Expression(arguments, places)}\n"
            );
        }
        return text.Append($"        return {names[graph.Output]}\n").ToString();
    }

    private static string Places(int pool) => $"places{pool}";

    private static IReadOnlyList<Node> Needed(Graph graph)
    {
        var needed = new HashSet<int> { graph.Output };
        foreach (var node in Enumerable.Reverse(graph.Nodes))
            if (needed.Contains(node.Id))
                needed.UnionWith(node.Args);
        return [.. graph.Nodes.Where(node => needed.Contains(node.Id))];
    }
}
