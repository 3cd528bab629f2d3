using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;
using KneeSeg.Rendering;
using KneeSeg.Reports;
using KneeSeg.Training;

namespace KneeSeg.Experiments.Observers;

/// <summary>
/// Draws the same cases at every validation: the last training case, and the last and the first validation case, in the
/// sagittal slice with the most labeled voxels. A finished run gets an animation of the pictures.
/// </summary>
internal sealed class SnapshotObserver : ITrainingObserver
{
    private TrainingContext training = null!;
    private Lazy<MonitoredCase[]> cases = null!;

    /// <summary>The picture of the newest validation; null before the first.</summary>
    public (int Width, int Height, byte[] Png)? Latest { get; private set; }

    public void OnBegin(TrainingContext context)
    {
        training = context;
        cases = new(() =>
            [
                Follow("training", context.Data.Train[^1]),
                .. new[] { context.Data.Validation[^1], context.Data.Validation[0] }
                    .Distinct()
                    .Select(one => Follow("validation", one)),
            ]
        );
    }

    public void OnCasePredicted(PreprocessedCase validationCase, byte[] labels)
    {
        if (cases.Value.FirstOrDefault(known => known.Case == validationCase) is { } monitored)
            monitored.Prediction = Slice<byte>.Cut(
                new(validationCase.Grid, labels),
                Plane.Sagittal,
                monitored.Index
            );
    }

    public void OnValidation(ValidationEvent validation)
    {
        // The training case is not validated, nor are validation cases whose Dice is estimated.
        foreach (var one in cases.Value.Where(one => one.Prediction is null))
            one.Prediction = one.Truth with
            {
                Pixels = validation.Network.Labels(one.Case.Image, one.Case.Size, one.Index),
            };
        var picture = ValidationSnapshot.Draw(
            FormattableString.Invariant(
                $"epoch {validation.Epoch} of {training.Manifest.Recipe.Epochs}  loss {validation.Loss:0.000}  Dice {validation.Result.Mean:0.000}"
            ),
            [
                .. cases.Value.Select(one => new MonitoredSlice(
                    one.Title,
                    one.Gray,
                    one.Truth,
                    one.Prediction!
                )),
            ]
        );
        foreach (var one in cases.Value)
            one.Prediction = null;
        var png = Png.Encode(picture, Palette.Of(training.Manifest.Labels.Count));
        Latest = (picture.Width, picture.Height, png);
        AtomicFile.Write(training.Run.Snapshot(validation.Epoch), stream => stream.Write(png));
    }

    public void OnEnd(TrainingResult result)
    {
        if (result.Finished && !File.Exists(result.Run.Animation))
            ProgressAnimation.Write(result.Run);
    }

    private static MonitoredCase Follow(string split, PreprocessedCase one)
    {
        Volume<byte> truth = new(one.Grid, LabelValue.Annotated(one.Labels.Span));
        var (plane, index, _) = SliceChoice.Fullest(truth);
        var image = Slice<float>.Cut(new(one.Grid, one.Channel(0).ToArray()), plane, index);
        return new(
            one,
            $"{split} {one.Id}",
            index,
            GrayWindow.Of(one.Channel(0).Span).Apply(image),
            Slice<byte>.Cut(truth, plane, index)
        );
    }

    private sealed record MonitoredCase(
        PreprocessedCase Case,
        string Title,
        int Index,
        Slice<byte> Gray,
        Slice<byte> Truth
    )
    {
        public Slice<byte>? Prediction { get; set; }
    }
}
