using KneeSeg.Data;
using KneeSeg.Data.Patches;
using KneeSeg.Imaging;
using KneeSeg.Inference.Tiling;
using KneeSeg.Rendering;

namespace KneeSeg.Experiments;

/// <summary>Pictures of training patches: the image alone and with label overlay.</summary>
internal static class PatchPicture
{
    private const int Width = 320;
    private const int Gap = 4;

    /// <summary>Draws a batch: a row per patch, its slice with the most foreground alone and with labels.</summary>
    /// <param name="batch">The patches.</param>
    /// <param name="patch">Their size and kind.</param>
    /// <param name="spacing">Of their voxels.</param>
    public static Raster Of(PatchBatch batch, ModelInput patch, ModelSpacing spacing)
    {
        var size = patch.Size;
        var plane = size.Height * size.Width;
        var length = batch.Images.Length / batch.Cases.Count;
        var labeled = batch.Labels.Length / batch.Cases.Count / plane;
        var all = LabelValue.Annotated(batch.Labels);
        Raster[] rows =
        [
            .. batch.Cases.Select(
                (_, n) =>
                {
                    var images = Image(batch.Images.AsSpan(n * length, length), patch);
                    var labels = all.AsSpan(n * labeled * plane, labeled * plane);
                    var fullest = Fullest(labels, plane);
                    // Of a slab only the middle slice has labels.
                    var depth = labeled == 1 ? size.Depth / 2 : fullest;
                    var gray = GrayWindow
                        .Of(images)
                        .Apply(Cut(images.Slice(depth * plane, plane), size, spacing));
                    return Row(
                        gray,
                        null,
                        Cut(labels.Slice(fullest * plane, plane), size, spacing)
                    );
                }
            ),
        ];
        var picture = Raster.Plain(
            rows[0].Width,
            rows.Sum(row => row.Height + Gap) - Gap,
            Palette.Ground
        );
        for (var (i, top) = (0, 0); i < rows.Length; top += rows[i++].Height + Gap)
            picture.Paint(rows[i], 0, top);
        return picture;
    }

    // The first channel, without the neighboring slices.
    private static Span<float> Image(Span<float> channels, ModelInput patch) =>
        channels.Slice(patch.Slices / 2 * (int)patch.Size.Count, (int)patch.Size.Count);

    private static Raster Row(Slice<byte> gray, params Slice<byte>?[] labels)
    {
        Raster[] tiles = [.. labels.Select(over => SlicePicture.Draw(gray, over, Width))];
        var row = Raster.Plain(tiles.Length * (Width + Gap) - Gap, tiles[0].Height, Palette.Ground);
        for (var i = 0; i < tiles.Length; i++)
            row.Paint(tiles[i], i * (Width + Gap), 0);
        return row;
    }

    private static Slice<T> Cut<T>(ReadOnlySpan<T> plane, ModelSize size, ModelSpacing spacing)
        where T : unmanaged =>
        new(size.Width, size.Height, spacing.Width, spacing.Height, plane.ToArray());

    private static int Fullest(ReadOnlySpan<byte> labels, int plane)
    {
        var (best, most) = (0, -1);
        for (var depth = 0; depth < labels.Length / plane; depth++)
        {
            var foreground = plane - labels.Slice(depth * plane, plane).Count((byte)0);
            if (foreground > most)
                (best, most) = (depth, foreground);
        }
        return best;
    }
}
