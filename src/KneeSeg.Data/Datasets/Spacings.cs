using KneeSeg.Imaging;

namespace KneeSeg.Data.Datasets;

/// <summary>Voxel spacings in model orientation: depth, height, width in mm.</summary>
internal static class Spacings
{
    /// <summary>Of an image, once turned to model orientation.</summary>
    public static ModelSpacing Of(Grid image)
    {
        var spacing = Orientation.ModelGrid(image).Spacing;
        return new ModelSpacing(spacing.Z, spacing.Y, spacing.X);
    }

    /// <summary>The median, axis by axis.</summary>
    public static ModelSpacing Median(IReadOnlyCollection<ModelSpacing> spacings) =>
        new(
            Median(spacings.Select(s => s.Depth)),
            Median(spacings.Select(s => s.Height)),
            Median(spacings.Select(s => s.Width))
        );

    /// <summary>The largest ratio along any axis; 1 if they are equal.</summary>
    public static double Ratio(ModelSpacing a, ModelSpacing b) =>
        new[] { a.Depth / b.Depth, a.Height / b.Height, a.Width / b.Width }
            .Select(ratio => Math.Max(ratio, 1 / ratio))
            .Max();

    /// <summary>As people write it.</summary>
    public static string Text(ModelSpacing spacing) =>
        FormattableString.Invariant(
            $"{spacing.Depth:0.###}×{spacing.Height:0.###}×{spacing.Width:0.###} mm"
        );

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
