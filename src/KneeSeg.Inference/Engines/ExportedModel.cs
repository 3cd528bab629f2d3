using System.Security.Cryptography;
using KneeSeg.Data.Datasets;
using KneeSeg.Onnx;
using KneeSeg.Runs;

namespace KneeSeg.Inference.Engines;

/// <summary>An ONNX model that carries all that predicting with it takes.</summary>
/// <param name="Bytes">The model.</param>
/// <param name="Run">The manifest of its run, without the names of cases.</param>
/// <param name="Postprocessing">The run's rules; null if it has none.</param>
internal sealed record ExportedModel(byte[] Bytes, RunManifest Run, string? Postprocessing)
{
    private const string RunKey = "kneeseg.run";
    private const string RulesKey = "kneeseg.postprocessing";

    /// <summary>SHA-256 of the file.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Bytes));

    /// <summary>What a model's metadata hold for <see cref="Read"/>.</summary>
    /// <param name="run">The run's manifest.</param>
    /// <param name="rules">Its post-processing rules, or null.</param>
    public static IEnumerable<(string Name, string Text)> Metadata(RunManifest run, string? rules)
    {
        yield return (
            RunKey,
            (
                run with
                {
                    Cases = new Dictionary<Split, IReadOnlyList<string>>(),
                    Contents = null,
                }
            ).Write()
        );
        if (rules is not null)
            yield return (RulesKey, rules);
    }

    /// <summary>Whether a path is that of a model.</summary>
    public static bool Is(string path) =>
        path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) && File.Exists(path);

    /// <summary>Reads a model that was exported.</summary>
    /// <exception cref="ProblemException">It is damaged, or not one that KneeSeg exported (exit 5).</exception>
    public static ExportedModel Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var texts = OnnxModel.Metadata(bytes, path);
        return texts.TryGetValue(RunKey, out var run)
            ? new(bytes, RunManifest.Read(run, path), texts.GetValueOrDefault(RulesKey))
            : throw new ProblemException(
                ExitCode.Checkpoint,
                path,
                "does not say how images are prepared for it",
                "Use a model that this version of KneeSeg exported"
            );
    }
}
