namespace KneeSeg.Imaging.Morphology;

/// <summary>Connected components of a set of voxels.</summary>
public sealed class Components
{
    private readonly int[] part;

    private Components(int[] part, IReadOnlyList<long> sizes) => (this.part, Sizes) = (part, sizes);

    /// <summary>The number of voxels of each component, in the order of their first voxels.</summary>
    public IReadOnlyList<long> Sizes { get; }

    /// <summary>The component of a voxel, -1 for none.</summary>
    public int this[int voxel] => part[voxel] - 1;

    /// <summary>Finds the components.</summary>
    /// <param name="inside">For each voxel, the first axis fastest, whether it is in the set.</param>
    /// <param name="size">Voxels along each axis.</param>
    /// <param name="corners">
    /// Whether voxels that share an edge or a corner touch (26 neighbors), or only those that share a face (6).
    /// </param>
    public static Components Of(ReadOnlySpan<bool> inside, Size3 size, bool corners)
    {
        var part = new int[inside.Length];
        var sizes = new List<long>();
        var neighbors = Neighbors(corners);
        var open = new Stack<int>();
        for (var first = 0; first < part.Length; first++)
        {
            if (!inside[first] || part[first] != 0)
                continue;
            sizes.Add(0);
            part[first] = sizes.Count;
            open.Push(first);
            while (open.TryPop(out var voxel))
            {
                sizes[^1]++;
                var (rest, x) = Math.DivRem(voxel, size.X);
                var (z, y) = Math.DivRem(rest, size.Y);
                foreach (var (dx, dy, dz) in neighbors)
                {
                    var (i, j, k) = (x + dx, y + dy, z + dz);
                    if (i < 0 || i >= size.X || j < 0 || j >= size.Y || k < 0 || k >= size.Z)
                        continue;
                    var next = i + size.X * (j + size.Y * k);
                    if (!inside[next] || part[next] != 0)
                        continue;
                    part[next] = sizes.Count;
                    open.Push(next);
                }
            }
        }
        return new(part, sizes);
    }

    private static (int, int, int)[] Neighbors(bool corners) =>
        [
            .. from dz in Enumerable.Range(-1, 3)
            from dy in Enumerable.Range(-1, 3)
            from dx in Enumerable.Range(-1, 3)
            let away = Math.Abs(dx) + Math.Abs(dy) + Math.Abs(dz)
            where away == 1 || corners && away > 1
            select (dx, dy, dz),
        ];
}
