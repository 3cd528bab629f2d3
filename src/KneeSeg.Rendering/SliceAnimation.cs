using KneeSeg.Imaging;

namespace KneeSeg.Rendering;

/// <summary>
/// An animation of a case's sagittal slices: image, reference and prediction side by side, in their true proportions.
/// </summary>
public static class SliceAnimation
{
    private const int MostFrames = 48;
    private const int Widest = 256;
    private const int Narrowest = 128;

    // Noise packs to half a byte a pixel, so an animation stays below about 3 MB.
    private const double MostPixels = 5e6;
    private const double Margin = 10;
    private const int Gap = 4;
    private const int Hundredths = 12;

    /// <summary>An animated GIF.</summary>
    /// <param name="volumes">The case.</param>
    /// <param name="labels">How many labels there are, background included.</param>
    public static byte[] Draw(CaseVolumes volumes, int labels) =>
        Gif.Encode(Palette.Of(labels), Frames(volumes), Hundredths);

    /// <summary>
    /// Its frames: the slices from the first to the last with labels in reference or prediction, all of them where there is
    /// none, and of many every second, third and so on.
    /// </summary>
    internal static IEnumerable<Raster> Frames(CaseVolumes volumes)
    {
        var image = Orientation.ToModel(volumes.Image);
        var truth = Orientation.ToModel(volumes.Reference);
        var found = Orientation.ToModel(volumes.Prediction);
        var window = GrayWindow.Of(image.Voxels);
        var (first, last) = LabeledRange(truth, found);
        var step = (last - first) / MostFrames + 1;
        int[] slices =
        [
            .. Enumerable.Range(first, last - first + 1).Where(i => (i - first) % step == 0),
        ];
        var frame = CropBox.Around(Margin, Shadow(truth), Shadow(found));
        var cut = Slice<byte>.Cut(truth, Plane.Sagittal, first).Crop(frame);
        var aspect = SlicePicture.Height(cut, 1000) / 1000.0;
        var width = (int)
            Math.Clamp(Math.Sqrt(MostPixels / (3 * aspect * slices.Length)), Narrowest, Widest);
        return slices
            .AsParallel()
            .AsOrdered()
            .Select(index =>
                Draw(
                    $"slice {index + 1} of {truth.Grid.Size.Z}",
                    window.Apply(Slice<float>.Cut(image, Plane.Sagittal, index).Crop(frame)),
                    Slice<byte>.Cut(truth, Plane.Sagittal, index).Crop(frame),
                    Slice<byte>.Cut(found, Plane.Sagittal, index).Crop(frame),
                    width
                )
            );
    }

    private static Raster Draw(
        string caption,
        Slice<byte> gray,
        Slice<byte> truth,
        Slice<byte> found,
        int width
    )
    {
        var row = SliceRow.Draw(gray, truth, found, width);
        var line = Raster.TextHeight + Gap;
        var picture = Raster.Plain(row.Width, row.Height + 2 * line, Palette.Ground);
        picture.Write(caption, Gap, Gap / 2, Palette.Ink);
        SliceRow.Name(picture, width, line + Gap / 2);
        picture.Paint(row, 0, 2 * line);
        return picture;
    }

    private static (int First, int Last) LabeledRange(Volume<byte> truth, Volume<byte> found)
    {
        var plane = truth.Grid.Size.X * truth.Grid.Size.Y;
        bool Has(int index) =>
            truth.Voxels.AsSpan(index * plane, plane).ContainsAnyExcept((byte)0)
            || found.Voxels.AsSpan(index * plane, plane).ContainsAnyExcept((byte)0);
        int[] has = [.. Enumerable.Range(0, truth.Grid.Size.Z).Where(Has)];
        return has is [] ? (0, truth.Grid.Size.Z - 1) : (has[0], has[^1]);
    }

    // Where any slice has labels.
    private static Slice<byte> Shadow(Volume<byte> labels)
    {
        var shadow = Slice<byte>.Cut(labels, Plane.Sagittal, 0);
        for (var i = 0; i < labels.Voxels.Length; i++)
            shadow.Pixels[i % shadow.Pixels.Length] |= labels.Voxels[i];
        return shadow;
    }
}
