using KneeSeg.Rendering;
using KneeSeg.Runs;
using KneeSeg.Training;

namespace KneeSeg.Experiments;

/// <summary>A replayed step with a picture of its patches.</summary>
/// <param name="Step">The step.</param>
/// <param name="Picture">The patches with their labels, a PNG file in the run's folder.</param>
public sealed record ReplayJob(Replay Step, string Picture)
{
    /// <summary>Recomputes a step, see <see cref="Replay.Run"/>, and draws its patches.</summary>
    /// <param name="path">The run folder; only its pictures change.</param>
    /// <param name="step">From 1.</param>
    /// <param name="data">The dataset, or several; none takes them from where the run had them.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancel">Stops between steps.</param>
    public static ReplayJob Run(
        string path,
        long step,
        IReadOnlyList<string> data,
        IProgressSink progress,
        CancellationToken cancel = default
    )
    {
        var replay = Replay.Run(path, step, data, progress, cancel);
        var file = Path.Combine(RunFolder.Open(path).Pictures, $"step-{step:000000}.png");
        var picture = PatchPicture.Of(replay.Patches, replay.Input, replay.Spacing);
        AtomicFile.Write(file, stream => stream.Write(Png.Encode(picture)));
        return new(replay, file);
    }
}
