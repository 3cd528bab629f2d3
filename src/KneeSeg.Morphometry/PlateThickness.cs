using KneeSeg.Imaging;

namespace KneeSeg.Morphometry;

/// <summary>The thickness of cartilage at the cells of a plate's bone interface.</summary>
/// <param name="mask">The plate's voxels.</param>
/// <param name="surface">Its bone interface.</param>
internal sealed class PlateThickness(SubvoxelMask mask, PlateSurface surface)
{
    // In mm: no cartilage of a knee is thicker, and what is longer runs along the plate.
    private const double Thickest = 12;

    // So many voxels may be missing between bone and cartilage, or in it.
    private const double Gap = 1.5;

    // In mm: so near to its outline a plate of one voxel is taken to taper.
    private const double Taper = 2;

    // What a closing adds to any ragged outline: less than this share of a plate is no lost cartilage.
    private const double Ragged = 0.03;

    // In mm: so far from the outline a plate is whole.
    private const double Margin = 1;

    // In mm: over so much the steps of voxels of the joint surface are evened out.
    private const double JointSupport = 3;

    /// <summary>The cells that have cartilage or have lost it, in the lattice's order.</summary>
    public PlateCell[] Cells()
    {
        var lattice = surface.Lattice;
        var (elements, thickness) = (
            new (Point3 Position, Point3 Normal, double Area)[lattice.Count],
            new double[lattice.Count]
        );
        Parallel.For(
            0,
            lattice.Count,
            i =>
            {
                if (!surface.Around[i])
                    return;
                elements[i] = surface.Element(i);
                thickness[i] = Along(elements[i].Position, elements[i].Normal);
            }
        );
        var hit = Array.ConvertAll(thickness, one => one > 0);
        var covered = Covered(thickness, hit);
        var even = lattice.Smoothed(thickness, covered, covered, JointSupport);
        var total = Total(covered);
        var toBare = lattice.ToOutside(covered);
        var toEnd = lattice.ToOutside(total);
        PlateCell Of(int i)
        {
            var (position, normal, area) = elements[i];
            // Where a plate tapers below a voxel, half of its columns have none at all: those of one voxel stand for
            // the others, too.
            var tapers = covered[i] && toBare[i] < Taper * Taper && IsOneVoxel(position, normal);
            var isRim = total[i] && toEnd[i] < Taper * Taper;
            return new(
                lattice.Place(i),
                lattice.At(i),
                position,
                normal,
                area,
                Total: total[i] ? area : 0,
                Covered: tapers ? 1.5 * area
                    : covered[i] ? area
                    : 0,
                Beyond: !isRim ? 0
                    : tapers ? area / 2
                    : covered[i] ? 0
                    : -area,
                thickness[i],
                Smoothed: covered[i] ? Math.Max(0, even[i].Value) : 0
            );
        }
        return
        [
            .. Enumerable
                .Range(0, lattice.Count)
                .Where(i => total[i] || hit[i])
                .AsParallel()
                .AsOrdered()
                .Select(Of),
        ];
    }

    // A blunt margin ends between voxels, so that rays beside it meet some of them. It is where they meet half of what the
    // plate inside of it has. Where it tapers to nothing every voxel counts.
    private bool[] Covered(double[] thickness, bool[] hit)
    {
        var voxel = mask.Spacing.Smallest;
        var margin = surface.Lattice.ToOutside(hit);
        bool[] inner = [.. hit.Select((one, i) => one && margin[i] > Margin * Margin)];
        var expected = surface.Lattice.Smoothed(
            thickness,
            inner.Contains(true) ? inner : hit,
            hit,
            JointSupport
        );
        return
        [
            .. hit.Select((one, i) => one && !(thickness[i] < (expected[i].Value - voxel) / 2)),
        ];
    }

    private bool[] Total(bool[] covered)
    {
        var filled = surface.Lattice.Filled(covered);
        var closed = surface.Lattice.Closed(filled, PlateSurface.ClosingRadius);
        var added = closed.Zip(filled).Count(cell => cell.First && !cell.Second);
        return added < Ragged * closed.Count(inside => inside) ? filled : closed;
    }

    // All that is inside along the normal, from a voxel before the interface to a voxel's gap: steps of voxels even out,
    // so that the mean over an interface has no bias.
    private double Along(Point3 point, Point3 normal)
    {
        var (step, gap) = (mask.Spacing.Smallest / 10, Gap * mask.Spacing.Largest);
        var origin = mask.ToVoxels(point);
        var into = mask.ToVoxels(point + normal) - origin;
        var (inside, last) = (0, 0.0);
        for (var t = step / 2 - mask.Spacing.Largest; t - last < gap && t < Thickest; t += step)
            if (mask.Has(origin + t * into))
                (inside, last) = (inside + 1, Math.Max(last, t));
        return inside * step;
    }

    private bool IsOneVoxel(Point3 point, Point3 normal)
    {
        var step = mask.Spacing.Smallest / 6;
        var axis = Enumerable
            .Range(0, 3)
            .MaxBy(a => Math.Abs(Point3.Dot(normal, mask.Affine.Step(a))) / mask.Spacing[a]);
        for (var t = -mask.Spacing.Largest; t < mask.Spacing.Largest; t += step)
        {
            var at = mask.ToVoxels(point + t * normal);
            var (i, j, k) = (
                SubvoxelMask.Nearest(at.X),
                SubvoxelMask.Nearest(at.Y),
                SubvoxelMask.Nearest(at.Z)
            );
            if (!mask.Has(i, j, k))
                continue;
            bool Beside(int side) =>
                axis switch
                {
                    0 => mask.Has(i + side, j, k),
                    1 => mask.Has(i, j + side, k),
                    _ => mask.Has(i, j, k + side),
                };
            return !Beside(-1) && !Beside(1);
        }
        // The interface passes beside its voxel: it is as thin as can be.
        return true;
    }
}
