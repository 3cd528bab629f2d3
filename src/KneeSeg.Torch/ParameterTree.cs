using KneeSeg.Torch.Layers;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>
/// Registers modules under the stages of a spec: <c>level 2/decode/conv 1</c> becomes the modules <c>level2</c>,
/// <c>decode</c> and <c>conv1</c>, each inside the one before.
/// </summary>
internal static class ParameterTree
{
    /// <summary>Registers every module below a root; a module may itself have stages below it.</summary>
    public static void Register(nn.Module root, IReadOnlyDictionary<string, NetworkModule> layers)
    {
        var modules = layers.ToDictionary(pair => Path(pair.Key), nn.Module (pair) => pair.Value);
        foreach (var path in modules.Keys.SelectMany(Branches).Distinct().ToArray())
            modules.TryAdd(path, new Branch());
        foreach (var (path, module) in modules)
        {
            var name = path.LastIndexOf('/');
            var parent = name < 0 ? root : modules[path[..name]];
            parent.add_module(path[(name + 1)..], module);
        }
    }

    /// <summary>The parameter prefix of a stage.</summary>
    public static string Name(string stage) => Path(stage).Replace('/', '.');

    private static string Path(string stage) => stage.Replace(" ", "");

    /// <summary>Every ancestor of a path.</summary>
    private static IEnumerable<string> Branches(string path) =>
        Enumerable.Range(0, path.Length).Where(i => path[i] == '/').Select(i => path[..i]);

    private sealed class Branch() : nn.Module(nameof(Branch));
}
