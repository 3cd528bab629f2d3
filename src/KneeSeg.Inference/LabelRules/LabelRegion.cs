using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;

namespace KneeSeg.Inference.LabelRules;

/// <summary>Applies a label's rule within its bounding box.</summary>
internal static class LabelRegion
{
    /// <summary>Removes parts, then fills holes.</summary>
    public static void Apply(
        Volume<byte> volume,
        byte label,
        LabelRule rule,
        List<LabelChange> changes
    )
    {
        var box = VoxelBox.Around(volume, label);
        if (box.IsEmpty)
            return;
        if (rule.Largest || rule.MinimumVolume > 0)
            RemoveParts(volume, box, label, rule, changes);
        if (rule.FillHoles)
            FillHoles(volume, box, label, rule, changes);
    }

    private static void RemoveParts(
        Volume<byte> volume,
        VoxelBox box,
        byte label,
        LabelRule rule,
        List<LabelChange> changes
    )
    {
        var parts = Components.Of(
            Mask(volume, box, voxel => voxel == label),
            box.Size,
            corners: true
        );
        var largest = parts.Sizes.Max();
        var kept = new bool[parts.Sizes.Count];
        for (var part = 0; part < kept.Length; part++)
        {
            var mm3 = parts.Sizes[part] * VoxelVolume(volume);
            kept[part] =
                mm3 >= rule.MinimumVolume && (!rule.Largest || parts.Sizes[part] == largest);
            // Of equally large components, only the first is kept.
            if (kept[part] && rule.Largest)
                largest = long.MaxValue;
            if (!kept[part])
                changes.Add(new(rule.Label, LabelChange.Removed, mm3));
        }
        ForEach(
            volume,
            box,
            (at, i) =>
            {
                if (parts[i] is >= 0 and var part && !kept[part])
                    volume.Voxels[at] = 0;
            }
        );
    }

    // Background that does not reach the border of the box is enclosed.
    private static void FillHoles(
        Volume<byte> volume,
        VoxelBox box,
        byte label,
        LabelRule rule,
        List<LabelChange> changes
    )
    {
        var gaps = Components.Of(
            Mask(volume, box, voxel => voxel != label),
            box.Size,
            corners: false
        );
        var (open, voxels) = (new bool[gaps.Sizes.Count], new long[gaps.Sizes.Count]);
        ForEach(
            volume,
            box,
            (at, i) =>
            {
                if (gaps[i] is not (>= 0 and var gap))
                    return;
                var (rest, x) = Math.DivRem(i, box.Size.X);
                var (z, y) = Math.DivRem(rest, box.Size.Y);
                open[gap] |=
                    x == 0
                    || y == 0
                    || z == 0
                    || x == box.Size.X - 1
                    || y == box.Size.Y - 1
                    || z == box.Size.Z - 1;
                voxels[gap] += volume.Voxels[at] == 0 ? 1 : 0;
            }
        );
        for (var gap = 0; gap < open.Length; gap++)
            if (!open[gap] && voxels[gap] > 0)
                changes.Add(new(rule.Label, LabelChange.Filled, voxels[gap] * VoxelVolume(volume)));
        ForEach(
            volume,
            box,
            (at, i) =>
            {
                // Other labels inside the hole are kept.
                if (gaps[i] is >= 0 and var gap && !open[gap] && volume.Voxels[at] == 0)
                    volume.Voxels[at] = label;
            }
        );
    }

    /// <summary>The volume of a voxel in mm³.</summary>
    public static double VoxelVolume(Volume<byte> volume) =>
        volume.Grid.Spacing.X * volume.Grid.Spacing.Y * volume.Grid.Spacing.Z;

    /// <summary>Which voxels of a box have some labels.</summary>
    public static bool[] Mask(Volume<byte> volume, VoxelBox box, Func<byte, bool> inside)
    {
        var mask = new bool[box.Size.Count];
        ForEach(volume, box, (at, i) => mask[i] = inside(volume.Voxels[at]));
        return mask;
    }

    /// <summary>Visits every voxel of a box by its index in the volume and in the box.</summary>
    public static void ForEach(Volume<byte> volume, VoxelBox box, Action<int, int> visit)
    {
        var (size, cut) = (volume.Grid.Size, box.Size);
        var i = 0;
        for (var z = 0; z < cut.Z; z++)
        for (var y = 0; y < cut.Y; y++)
        {
            var row = box.MinX + size.X * (box.MinY + y + size.Y * (box.MinZ + z));
            for (var x = 0; x < cut.X; x++)
                visit(row + x, i++);
        }
    }
}
