using System.Numerics;
using KneeSeg.Imaging;

namespace KneeSeg.Rendering;

/// <summary>A 3D rendering of reference and prediction side by side, from the front above and from behind below.</summary>
public static class VolumeRendering
{
    private const int Wide = 320;
    private const int Tallest = 380;
    private const int Gap = 6;
    private const int Line = Raster.TextHeight + Gap;

    private static readonly (string Name, VolumeRenderer View)[] Views =
    [
        ("from the front", new(turn: 28, raise: 24)),
        ("from behind", new(turn: 205, raise: -14)),
    ];

    /// <summary>Draws a case; the same scale for all four.</summary>
    /// <param name="reference">The reference labels.</param>
    /// <param name="prediction">The predicted labels, on the same grid.</param>
    public static Raster Draw(Volume<byte> reference, Volume<byte> prediction)
    {
        var truth = Orientation.ToModel(reference);
        var found = Orientation.ToModel(prediction);
        var (first, size) = LabeledBox(truth, found);
        RenderScene[] scenes = [new(truth, first, size), new(found, first, size)];
        var parts = Views.Select(view => Part(view.View, scenes)).ToArray();
        var millimeters = parts
            .Select(part => part.High - part.Low)
            .Max(size => Math.Max(size.X / Wide, size.Y / Tallest));
        var top = Line;
        var rows = Views
            .Zip(parts, (view, part) => (view.Name, Bodies: Row(view.View, part)))
            .ToArray();
        var picture = Raster.Plain(
            2 * Wide + Gap,
            top + rows.Sum(row => Line + row.Bodies[0].Height),
            Palette.Ground
        );
        picture.Write("reference", Gap, Gap / 2, Palette.Ink);
        picture.Write("prediction", Wide + 2 * Gap, Gap / 2, Palette.Ink);
        foreach (var (name, views) in rows)
        {
            picture.Write(name, Gap, top + Gap / 2, Palette.Ink);
            foreach (var (i, view) in views.Index())
                picture.Paint(view, i * (Wide + Gap) + (Wide - view.Width) / 2, top + Line);
            top += Line + views[0].Height;
        }
        return picture;

        Raster[] Row(VolumeRenderer view, (Vector3 Low, Vector3 High) part) =>
            [.. scenes.Select(scene => view.Draw(scene, part.Low, part.High, millimeters))];
    }

    // The part of the view with the labels of both, and a small margin.
    private static (Vector3 Low, Vector3 High) Part(VolumeRenderer view, RenderScene[] scenes)
    {
        var seen = scenes.Select(view.Seen).ToArray();
        var low = seen.Select(part => part.Low).Aggregate(Vector3.Min);
        var high = seen.Select(part => part.High).Aggregate(Vector3.Max);
        var around = new Vector3(2, 2, 0);
        // Without labels the view stays empty.
        return low.X <= high.X
            ? (low - around, high + around)
            : (-scenes[0].Extent / 2, scenes[0].Extent / 2);
    }

    // The smallest box with the labels of both; the whole volume if there are none.
    private static (Size3 First, Size3 Size) LabeledBox(Volume<byte> truth, Volume<byte> found)
    {
        var all = truth.Grid.Size;
        var (low, high) = (new Vector3(int.MaxValue), new Vector3(-1));
        for (var (z, at) = (0, 0); z < all.Z; z++)
        for (var y = 0; y < all.Y; y++)
        for (var x = 0; x < all.X; x++, at++)
            if ((truth.Voxels[at] | found.Voxels[at]) != 0)
            {
                low = Vector3.Min(low, new(x, y, z));
                high = Vector3.Max(high, new(x, y, z));
            }
        if (high.X < 0)
            return (new(0, 0, 0), all);
        var size = high - low + Vector3.One;
        return (
            new((int)low.X, (int)low.Y, (int)low.Z),
            new((int)size.X, (int)size.Y, (int)size.Z)
        );
    }
}
