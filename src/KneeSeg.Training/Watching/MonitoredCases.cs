using KneeSeg.Data;
using KneeSeg.Imaging;
using KneeSeg.Inference;
using KneeSeg.Reports;

namespace KneeSeg.Training;

/// <summary>
/// The monitored cases, the same at every validation: the last training case, and the last and the first validation case,
/// in the sagittal slice with the most foreground.
/// </summary>
internal sealed class MonitoredCases(PreprocessedDataset data)
{
    private readonly Lazy<MonitoredCase[]> cases = new(() =>
        [
            Monitor("training", data.Train[^1]),
            .. new[] { data.Validation[^1], data.Validation[0] }
                .Distinct()
                .Select(one => Monitor("validation", one)),
        ]
    );

    /// <summary>Keeps the prediction of a validation case if it is monitored.</summary>
    /// <param name="one">The case.</param>
    /// <param name="predicted">The network's labels, [D, H, W].</param>
    public void Record(PreprocessedCase one, byte[] predicted)
    {
        if (cases.Value.FirstOrDefault(known => known.Case == one) is { } monitored)
            monitored.Prediction = Slice<byte>.Cut(
                new(one.Grid, predicted),
                Plane.Sagittal,
                monitored.Index
            );
    }

    /// <summary>Draws the monitored cases with their predictions.</summary>
    /// <param name="caption">The caption, with epoch and metrics.</param>
    /// <param name="windows">The network, for predicting the training case.</param>
    public Raster Draw(string caption, SlidingWindow windows)
    {
        var training = cases.Value[0];
        training.Prediction = training.Reference with
        {
            Pixels = windows.Labels(training.Case.Image, training.Case.Size, training.Index),
        };
        return ValidationSnapshot.Draw(
            caption,
            [
                .. cases.Value.Select(one => new MonitoredSlice(
                    one.Title,
                    one.Gray,
                    one.Reference,
                    one.Prediction!
                )),
            ]
        );
    }

    private static MonitoredCase Monitor(string split, PreprocessedCase one)
    {
        Volume<byte> reference = new(one.Grid, LabelValue.Annotated(one.Labels.Span));
        var (plane, index, _) = SliceChoice.Fullest(reference);
        var image = Slice<float>.Cut(new(one.Grid, one.Image.ToArray()), plane, index);
        return new(
            one,
            $"{split} {one.Id}",
            index,
            GrayWindow.Of(one.Image.Span).Apply(image),
            Slice<byte>.Cut(reference, plane, index)
        );
    }

    private sealed record MonitoredCase(
        PreprocessedCase Case,
        string Title,
        int Index,
        Slice<byte> Gray,
        Slice<byte> Reference
    )
    {
        public Slice<byte>? Prediction { get; set; }
    }
}
