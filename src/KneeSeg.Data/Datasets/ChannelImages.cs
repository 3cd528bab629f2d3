using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Data.Datasets;

/// <summary>
/// The images of a case, one for each channel, such as the echoes of a scan. The first one's grid is the case's; the others
/// may lie on another lattice, and are resampled in world space when they are preprocessed.
/// </summary>
public static class ChannelImages
{
    /// <summary>Reads all channels.</summary>
    /// <param name="paths">One for each channel.</param>
    /// <param name="spacing">For formats that store none.</param>
    /// <param name="warn">Receives warnings, one sentence each.</param>
    /// <exception cref="ProblemException">
    /// One can't be read, or lies outside the first one's field of view (exit 3).
    /// </exception>
    public static IReadOnlyList<Volume<float>> Read(
        IReadOnlyList<string> paths,
        ModelSpacing? spacing = null,
        Action<string>? warn = null
    )
    {
        Volume<float>[] images =
        [
            .. paths.Select(path => VolumeFile.ReadImage(path, spacing, warn)),
        ];
        var first = images[0].Grid;
        foreach (var (path, image) in paths.Zip(images).Skip(1))
        {
            var (file, firstFile) = (Path.GetFileName(path), Path.GetFileName(paths[0]));
            if (!Overlap(first, image.Grid))
                throw new ProblemException(
                    ExitCode.Data,
                    path,
                    $"it lies outside the field of view of {firstFile}, the first channel",
                    "Check the headers: all channels of a case must show the same knee in the same place"
                );
            if (first.Difference(image.Grid) is { } difference)
                warn?.Invoke(
                    $"{file} is resampled to the lattice of {firstFile}, the first channel: it {difference}"
                );
        }
        return images;
    }

    /// <summary>Images by the names of their channels.</summary>
    /// <param name="images">The images.</param>
    /// <param name="names">Their names, which include all of <paramref name="order"/>.</param>
    /// <param name="order">The names that are wanted, in order.</param>
    public static string[] InOrder(
        IReadOnlyList<string> images,
        IReadOnlyList<string> names,
        IReadOnlyList<string> order
    )
    {
        var byName = names.Zip(images).ToDictionary(one => one.First, one => one.Second);
        return [.. order.Select(name => byName[name])];
    }

    // Of the boxes along the first grid's axes.
    private static bool Overlap(Grid first, Grid other)
    {
        var toFirst = first.Affine.Inverse() * other.Affine;
        double[] low = [.. Enumerable.Repeat(double.PositiveInfinity, 3)];
        double[] high = [.. Enumerable.Repeat(double.NegativeInfinity, 3)];
        for (var corner = 0; corner < 8; corner++)
        {
            double At(int axis) => (corner >> axis & 1) * other.Size[axis] - .5;
            var point = toFirst.Apply(At(0), At(1), At(2));
            double[] index = [point.X, point.Y, point.Z];
            for (var axis = 0; axis < 3; axis++)
                (low[axis], high[axis]) = (
                    Math.Min(low[axis], index[axis]),
                    Math.Max(high[axis], index[axis])
                );
        }
        return Enumerable
            .Range(0, 3)
            .All(axis => high[axis] > -.5 && low[axis] < first.Size[axis] - .5);
    }
}
