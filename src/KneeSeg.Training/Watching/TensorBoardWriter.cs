using KneeSeg.Reports;
using KneeSeg.Runs;

namespace KneeSeg.Training;

/// <summary>Writes TensorBoard events and a snapshot of each validation.</summary>
/// <param name="run">Its folder.</param>
/// <param name="labels">Names in label order, background first.</param>
/// <param name="step">The step from which the run resumes.</param>
internal sealed class TensorBoardWriter(RunFolder run, IReadOnlyList<string> labels, long step)
    : IDisposable
{
    private readonly EventFile events = EventFile.Start(run.TensorBoard, step);

    /// <summary>Writes an epoch.</summary>
    public void Show(EpochRecord epoch)
    {
        var first = epoch.Step - epoch.Losses.Count + 1;
        for (var i = 0; i < epoch.Losses.Count; i++)
            events.Scalar("loss/step", first + i, epoch.Losses[i]);
        events.Scalar("loss/epoch", epoch.Step, epoch.Loss);
        events.Scalar("training/learning rate", epoch.Step, epoch.LearningRate);
        events.Scalar("training/seconds", epoch.Step, epoch.Seconds);
        events.Scalar("training/data share", epoch.Step, epoch.DataShare);
        if (epoch.Validation is { } validation)
        {
            events.Scalar("dice/mean", epoch.Step, validation.Mean);
            foreach (var (label, dice) in labels.Skip(1).Zip(validation.Dice))
                if (dice is { } known)
                    events.Scalar($"dice/{label}", epoch.Step, known);
        }
        events.Flush();
    }

    /// <summary>Writes a snapshot of the monitored cases.</summary>
    /// <param name="epoch">From 1.</param>
    /// <param name="atStep">Its last step.</param>
    /// <param name="snapshot">The picture.</param>
    public void Show(int epoch, long atStep, Raster snapshot)
    {
        var png = Png.Encode(snapshot, Palette.Of(labels.Count));
        events.Picture("progress", atStep, snapshot.Width, snapshot.Height, png);
        AtomicFile.Write(run.Snapshot(epoch), stream => stream.Write(png));
    }

    /// <inheritdoc/>
    public void Dispose() => events.Dispose();
}
