using KneeSeg.Imaging;

namespace KneeSeg.Rendering;

/// <summary>
/// A picture of a few knees for a README: a column for each; from top to bottom the image, the expert's labels and
/// the network's, in the sagittal slice with most tissue. It has no text, so it needs no font.
/// </summary>
public static class Montage
{
    private const int Gap = 4;
    private const double Margin = 22;

    /// <summary>Draws some knees.</summary>
    /// <param name="knees">At least one.</param>
    /// <param name="width">Of the picture, in pixels.</param>
    public static Raster Draw(IReadOnlyList<CaseVolumes> knees, int width = 1200)
    {
        var side = (width - Gap * (knees.Count - 1)) / knees.Count;
        var picture = Raster.Plain(width, 3 * side + 2 * Gap, Palette.Ground);
        for (var i = 0; i < knees.Count; i++)
        {
            var (gray, reference, prediction) = Cut(knees[i]);
            Slice<byte>?[] rows = [null, reference, prediction];
            for (var row = 0; row < rows.Length; row++)
                picture.Paint(
                    SlicePicture.Fill(gray, rows[row], side, side),
                    i * (side + Gap),
                    row * (side + Gap)
                );
        }
        return picture;
    }

    private static (Slice<byte> Gray, Slice<byte> Reference, Slice<byte> Prediction) Cut(
        CaseVolumes knee
    )
    {
        var image = Orientation.ToModel(knee.Image);
        var reference = Orientation.ToModel(knee.Reference);
        var prediction = Orientation.ToModel(knee.Prediction);
        var (_, index, _) = SliceChoice.Fullest(reference);
        var truth = Slice<byte>.Cut(reference, Plane.Sagittal, index);
        var found = Slice<byte>.Cut(prediction, Plane.Sagittal, index);
        var gray = Slice<float>.Cut(image, Plane.Sagittal, index);
        var frame = CropBox.Around(Margin, truth);
        return (
            GrayWindow.Of(image.Voxels).Apply(gray.Crop(frame)),
            truth.Crop(frame),
            found.Crop(frame)
        );
    }
}
