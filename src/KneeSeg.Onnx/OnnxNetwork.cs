using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace KneeSeg.Onnx;

/// <summary>A model that ONNX Runtime executes.</summary>
public sealed partial class OnnxNetwork : IDisposable
{
    private readonly string where;
    private readonly SessionOptions options;
    private readonly InferenceSession session;

    // Before ONNX Runtime starts, which otherwise reports its use to Microsoft. On Linux, .NET's variables don't reach native code.
    static OnnxNetwork()
    {
        const string telemetryOff = "ORT_DISABLE_TELEMETRY";
        Environment.SetEnvironmentVariable(telemetryOff, "1");
        if (!OperatingSystem.IsWindows())
            _ = setenv(telemetryOff, "1", 1);
        Runtime = OrtEnv.Instance().GetVersionString();
    }

    /// <summary>Loads a model.</summary>
    /// <param name="model">Its bytes.</param>
    /// <param name="where">What to call it in problems.</param>
    /// <param name="threads">How many threads compute; 0 for all cores.</param>
    /// <param name="isOnGpu">Whether the first graphics card computes, by ONNX Runtime's CUDA provider.</param>
    /// <exception cref="ProblemException">ONNX Runtime can't load it (exit 5), or can't use the graphics card (exit 6).</exception>
    public OnnxNetwork(byte[] model, string where, int threads = 0, bool isOnGpu = false)
    {
        this.where = where;
        options = new()
        {
            IntraOpNumThreads = threads,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        try
        {
            if (isOnGpu)
                UseGpu();
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
    public static string Runtime { get; }

    /// <summary>The names of its outputs.</summary>
    public IReadOnlyList<string> Outputs => session.OutputNames;

    /// <summary>Whether it takes the position of a patch.</summary>
    public bool TakesPosition => session.InputMetadata.ContainsKey(OnnxModel.Position);

    /// <summary>Some of the model's outputs for a batch.</summary>
    /// <param name="image"><c>[N, C, (D,) H, W]</c>.</param>
    /// <param name="shape">Of the image.</param>
    /// <param name="position">The position of each patch, <c>[N, 3]</c> in -1 to 1, for networks that take it.</param>
    /// <param name="outputs">Their names.</param>
    /// <returns>Their values and shapes.</returns>
    /// <exception cref="ProblemException">It does not fit into memory, or the model does not take this size (exit 6).</exception>
    public IReadOnlyList<(float[] Values, long[] Shape)> Run(
        float[] image,
        long[] shape,
        float[]? position,
        IReadOnlyList<string> outputs
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
        try
        {
            using var results = session.Run(run, inputs, outputs);
            return
            [
                .. results.Select(result =>
                    (
                        result.GetTensorDataAsSpan<float>().ToArray(),
                        result.GetTensorTypeAndShape().Shape
                    )
                ),
            ];
        }
        catch (OnnxRuntimeException e)
        {
            throw new ProblemException(
                ExitCode.Resources,
                where,
                $"ONNX Runtime can't compute a window of {string.Join('x', shape.Skip(2))} ({e.Message.TrimEnd('.')})",
                "Free some memory, or predict from the run without --engine onnx",
                e
            );
        }
    }

    private void UseGpu()
    {
        const string Where = "--device cuda";
        if (!OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"))
            throw new ProblemException(
                ExitCode.Resources,
                Where,
                "this build's ONNX Runtime has no CUDA provider",
                "Rebuild with KNEESEG_CUDA=1 where the package Microsoft.ML.OnnxRuntime.Gpu.Linux is available, or use --device cpu"
            );
        try
        {
            options.AppendExecutionProvider_CUDA();
        }
        catch (OnnxRuntimeException e)
        {
            throw new ProblemException(
                ExitCode.Resources,
                Where,
                $"ONNX Runtime can't use the graphics card ({e.Message.TrimEnd('.')})",
                "Install the CUDA and cuDNN libraries that the message names, or use --device cpu",
                e
            );
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        session.Dispose();
        options.Dispose();
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
