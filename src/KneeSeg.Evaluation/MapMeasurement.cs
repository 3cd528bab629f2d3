using KneeSeg.Imaging;
using KneeSeg.Morphometry;

namespace KneeSeg.Evaluation;

/// <summary>
/// A map measured within labels. Each labeled voxel has the value of the map's voxel nearest to its center, so a map on
/// another lattice needs no resampling, and no value is mixed with one that is missing.
/// </summary>
public static class MapMeasurement
{
    /// <summary>Measures a map in every structure and, for cartilage plates, in each region.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="regions">The labels whose extent divides plates into regions, on the same grid.</param>
    /// <param name="map">The map.</param>
    /// <param name="names">The names by label, the background's first.</param>
    /// <param name="bins">The histograms' bins; null to choose them.</param>
    /// <exception cref="ProblemException">A label is beyond the names (exit 3).</exception>
    public static MeasuredMap Of(
        Volume<byte> labels,
        Volume<byte> regions,
        Volume<float> map,
        IReadOnlyList<string> names,
        HistogramBins? bins = null
    )
    {
        LabelBoxes.Find("labels", regions, names.Count);
        if (!ReferenceEquals(labels, regions))
            LabelBoxes.Find("labels", labels, names.Count);
        var knee = Knee.Of(regions, names);
        var whole = Array.ConvertAll([.. names], _ => new MapValues());
        Dictionary<string, MapValues>?[] parts =
        [
            .. names.Select(
                (_, label) =>
                    knee[label]?.RegionNames.ToDictionary(part => part, _ => new MapValues())
            ),
        ];
        var toMap = map.Grid.Affine.Inverse();
        ForEach(
            labels,
            (label, point) =>
            {
                var value = ValueAt(map, toMap.Apply(point));
                whole[label].Add(value);
                if (knee[label]?.RegionAt(point) is { } region)
                    parts[label]![region].Add(value);
            }
        );
        bins ??= HistogramBins.Of([.. whole.SelectMany(one => one.Values)]);
        return new(
            bins,
            [
                .. names
                    .Index()
                    .Skip(1)
                    .SelectMany(one =>
                        (parts[one.Index] ?? [])
                            .Prepend(new("", whole[one.Index]))
                            .Select(part => new MappedStructure(
                                one.Index,
                                one.Item,
                                part.Key,
                                part.Value.In(bins)
                            ))
                    ),
            ]
        );
    }

    private static float? ValueAt(Volume<float> map, Point3 index)
    {
        var size = map.Grid.Size;
        var (i, j, k) = (
            SubvoxelMask.Nearest(index.X),
            SubvoxelMask.Nearest(index.Y),
            SubvoxelMask.Nearest(index.Z)
        );
        return (uint)i < (uint)size.X && (uint)j < (uint)size.Y && (uint)k < (uint)size.Z
            ? map.Voxels[i + size.X * (j + size.Y * k)]
            : null;
    }

    private static void ForEach(Volume<byte> labels, Action<byte, Point3> act)
    {
        var (size, affine, at) = (labels.Grid.Size, labels.Grid.Affine, 0);
        for (var k = 0; k < size.Z; k++)
        for (var j = 0; j < size.Y; j++)
        for (var i = 0; i < size.X; i++)
            if (labels.Voxels[at++] is var label and not (0 or LabelValue.Ignored))
                act(label, affine.Apply(i, j, k));
    }
}

/// <summary>A map measured in one case's labels.</summary>
/// <param name="Bins">The histograms' bins.</param>
/// <param name="Structures">Each structure, followed by its regions.</param>
public sealed record MeasuredMap(HistogramBins Bins, IReadOnlyList<MappedStructure> Structures);

/// <summary>A map in a structure or one of its regions.</summary>
/// <param name="Label">The structure's label.</param>
/// <param name="Structure">Its name.</param>
/// <param name="Region">Such as <c>cMT</c>; empty for the whole structure.</param>
/// <param name="Statistics">The values there.</param>
public sealed record MappedStructure(
    int Label,
    string Structure,
    string Region,
    MapStatistics Statistics
);
