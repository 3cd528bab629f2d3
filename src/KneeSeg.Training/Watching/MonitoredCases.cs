using KneeSeg.Data;
using KneeSeg.Imaging;
using KneeSeg.Inference;
using KneeSeg.Reports;

namespace KneeSeg.Training;

/// <summary>
/// The cases that a training is followed by, the same at every validation: the last training case, and the last and the
/// first validation case, in the sagittal slice with most tissue.
/// </summary>
internal sealed class MonitoredCases(PreprocessedDataset data)
{
    private readonly Lazy<MonitoredCase[]> cases = new(() =>
        [
            Follow("training", data.Train[^1]),
            .. new[] { data.Validation[^1], data.Validation[0] }
                .Distinct()
                .Select(one => Follow("validation", one)),
        ]
    );

    /// <summary>Keeps what the network finds in a validation case, if it is one of them.</summary>
    /// <param name="one">The case.</param>
    /// <param name="predicted">The network's labels, [D, H, W].</param>
    public void See(PreprocessedCase one, byte[] predicted)
    {
        if (cases.Value.FirstOrDefault(known => known.Case == one) is { } followed)
            followed.Found = Slice<byte>.Cut(
                new(one.Grid, predicted),
                Plane.Sagittal,
                followed.Index
            );
    }

    /// <summary>Draws them with what was kept.</summary>
    /// <param name="caption">When it was, and how well it went.</param>
    /// <param name="windows">The network, which is asked about the training case.</param>
    public Raster Draw(string caption, SlidingWindow windows)
    {
        var training = cases.Value[0];
        training.Found = training.Truth with
        {
            Pixels = windows.Labels(training.Case.Image, training.Case.Size, training.Index),
        };
        return ValidationSnapshot.Draw(
            caption,
            [
                .. cases.Value.Select(one => new MonitoredSlice(
                    one.Title,
                    one.Gray,
                    one.Truth,
                    one.Found!
                )),
            ]
        );
    }

    private static MonitoredCase Follow(string split, PreprocessedCase one)
    {
        Volume<byte> truth = new(one.Grid, LabelValue.Annotated(one.Labels.Span));
        var (plane, index, _) = SliceChoice.Fullest(truth);
        var image = Slice<float>.Cut(new(one.Grid, one.Image.ToArray()), plane, index);
        return new(
            one,
            $"{split} {one.Id}",
            index,
            GrayWindow.Of(one.Image.Span).Apply(image),
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
        public Slice<byte>? Found { get; set; }
    }
}
