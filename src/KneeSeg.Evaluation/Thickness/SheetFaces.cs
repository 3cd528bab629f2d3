using KneeSeg.Imaging;

namespace KneeSeg.Evaluation;

/// <summary>The two faces of a sheet of cartilage: the one on the bone, and the one in the joint.</summary>
internal sealed class SheetFaces
{
    // A face that looks farther away from bone and joint than this cosine is the sheet's rim.
    private const double Sideways = 0.3;

    private readonly CutMask mask;
    private readonly Smoothed blurred;
    private readonly List<FaceElement> bone = [];
    private readonly List<FaceElement> joint = [];

    /// <summary>Finds the faces of a mask.</summary>
    /// <param name="mask">Cut out of its volume.</param>
    /// <param name="towardsBone">By <see cref="BoneSide" />.</param>
    public SheetFaces(CutMask mask, Func<Point3, Point3> towardsBone)
    {
        this.mask = mask;
        blurred = new(mask.Voxels, mask.Size, mask.Spacing, 1.5 * mask.Spacing.Largest);
        for (var axis = 0; axis < 3; axis++)
        {
            var step = mask.Affine.Step(axis);
            var area = mask.Spacing.X * mask.Spacing.Y * mask.Spacing.Z / mask.Spacing[axis];
            foreach (var (i, j, k, side) in mask.Sides(axis))
            {
                var outwards = OutwardsBetween((i, j, k), CutMask.Next(axis, side, i, j, k));
                var along = side * Point3.Dot(outwards, step) / mask.Spacing[axis];
                // A side that looks against the face is a roughness of it.
                if (along <= 0)
                    continue;
                var place = mask.Affine.Apply(i, j, k) + side * 0.5 * step;
                var cosine = Point3.Dot(outwards, towardsBone(place));
                if (Math.Abs(cosine) > Sideways)
                    (cosine > 0 ? bone : joint).Add(new(place, outwards, area * along));
            }
        }
    }

    /// <summary>On the bone.</summary>
    public IReadOnlyList<FaceElement> Bone => bone;

    /// <summary>In the joint.</summary>
    public IReadOnlyList<FaceElement> Joint => joint;

    /// <summary>The unit vector out of the sheet on the way from one voxel to another.</summary>
    public Point3 OutwardsBetween((int I, int J, int K) from, (int I, int J, int K) to)
    {
        var slope = blurred.Slope(from.I, from.J, from.K) + blurred.Slope(to.I, to.J, to.K);
        var outwards = -1 * mask.ToWorldSlope(slope);
        return 1 / Math.Max(outwards.Length, 1e-12) * outwards;
    }
}
