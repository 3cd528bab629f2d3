using Microsoft.ML.OnnxRuntime;

namespace KneeSeg.Onnx;

/// <summary>A model that ONNX Runtime executes.</summary>
public sealed class OnnxNetwork : IDisposable
{
    private readonly SessionOptions options;
    private readonly InferenceSession session;

    /// <summary>Loads a model.</summary>
    /// <param name="model">Its bytes.</param>
    /// <param name="where">What to call it in problems.</param>
    /// <param name="threads">How many threads compute; 0 for all cores.</param>
    /// <exception cref="ProblemException">ONNX Runtime can't load it (exit 5).</exception>
    public OnnxNetwork(byte[] model, string where, int threads = 0)
    {
        options = new()
        {
            IntraOpNumThreads = threads,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        try
        {
            session = new(model, options);
        }
        catch (OnnxRuntimeException e)
        {
            options.Dispose();
            throw new ProblemException(
                ExitCode.Checkpoint,
                where,
                $"ONNX Runtime can't load it ({e.Message.TrimEnd('.')})",
                "Export it again",
                e
            );
        }
    }

    /// <summary>The version of ONNX Runtime.</summary>
    public static string Runtime { get; } = OrtEnv.Instance().GetVersionString();

    /// <summary>The texts that the model carries, by name.</summary>
    public IReadOnlyDictionary<string, string> Metadata => session.ModelMetadata.CustomMetadataMap;

    /// <summary>Whether it takes the position of a patch.</summary>
    public bool TakesPosition => session.InputMetadata.ContainsKey(OnnxModel.Position);

    /// <summary>One of the model's outputs for a batch.</summary>
    /// <param name="image"><c>[N, C, (D,) H, W]</c>.</param>
    /// <param name="shape">Of the image.</param>
    /// <param name="position">The position of each patch, <c>[N, 3]</c> in -1 to 1, for networks that take it.</param>
    /// <param name="output">Its name.</param>
    /// <returns>Its values and shape.</returns>
    public (float[] Values, long[] Shape) Run(
        float[] image,
        long[] shape,
        float[]? position = null,
        string output = OnnxModel.Logits
    )
    {
        using var run = new RunOptions();
        using var map = OrtValue.CreateTensorValueFromMemory(image, shape);
        Dictionary<string, OrtValue> inputs = new() { [OnnxModel.Image] = map };
        using var place = TakesPosition
            ? OrtValue.CreateTensorValueFromMemory(
                position ?? throw new ArgumentNullException(nameof(position)),
                [shape[0], 3, .. shape[2..].Select(_ => 1L)]
            )
            : null;
        if (place is not null)
            inputs[OnnxModel.Position] = place;
        using var results = session.Run(run, inputs, [output]);
        return (
            results[0].GetTensorDataAsSpan<float>().ToArray(),
            results[0].GetTensorTypeAndShape().Shape
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        session.Dispose();
        options.Dispose();
    }
}
