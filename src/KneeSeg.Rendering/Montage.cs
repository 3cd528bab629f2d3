using KneeSeg.Imaging;

namespace KneeSeg.Rendering;

/// <summary>
/// A few cases side by side: from top to bottom the image, the reference and the prediction, in the sagittal slice with
/// the most labeled voxels.
/// </summary>
public static class Montage
{
    private const int Gap = 4;
    private const double Margin = 22;

    /// <summary>Draws some cases.</summary>
    /// <param name="cases">At least one.</param>
    /// <param name="width">Of the picture, in pixels.</param>
    public static Raster Draw(IReadOnlyList<CaseVolumes> cases, int width = 1200)
    {
        var side = (width - Gap * (cases.Count - 1)) / cases.Count;
        var picture = Raster.Plain(width, 3 * side + 2 * Gap, Palette.Ground);
        for (var i = 0; i < cases.Count; i++)
        {
            var (gray, reference, prediction) = Cut(cases[i]);
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
        CaseVolumes volumes
    )
    {
        var image = Orientation.ToModel(volumes.Image);
        var reference = Orientation.ToModel(volumes.Reference);
        var prediction = Orientation.ToModel(volumes.Prediction);
        var (_, index, _) = SliceChoice.Fullest(reference);
        var labels = Slice<byte>.Cut(reference, Plane.Sagittal, index);
        var found = Slice<byte>.Cut(prediction, Plane.Sagittal, index);
        var gray = Slice<float>.Cut(image, Plane.Sagittal, index);
        var frame = CropBox.Around(Margin, labels);
        return (
            GrayWindow.Of(image.Voxels).Apply(gray.Crop(frame)),
            labels.Crop(frame),
            found.Crop(frame)
        );
    }
}
