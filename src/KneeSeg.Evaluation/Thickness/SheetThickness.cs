using KneeSeg.Imaging;

namespace KneeSeg.Evaluation;

/// <summary>How thick a sheet of cartilage is at each place of its face on the bone, by two definitions.</summary>
internal sealed class SheetThickness
{
    // The faces lie against each other where their normals are opposite to within this cosine; elsewhere is the rim.
    private const double Opposite = 0.8;

    // No cartilage of a knee is thicker: what is longer, in mm, runs along the sheet.
    private const double Thickest = 10;

    private readonly CutMask mask;
    private readonly SheetFaces faces;

    /// <summary>Measures a sheet.</summary>
    /// <param name="mask">The sheet.</param>
    /// <param name="towardsBone">By <see cref="BoneSide" />.</param>
    public SheetThickness(CutMask mask, Func<Point3, Point3> towardsBone)
    {
        this.mask = mask;
        faces = new(mask, towardsBone);
        var bone = Opposed(faces.Bone);
        var joint = Opposed(faces.Joint);
        Bone = [.. bone.Select(one => one.Element)];
        Normal = [.. bone.Select(one => one.Chord)];
        Nearest = Apart(Evened(Bone), Evened([.. joint.Select(one => one.Element)]));
    }

    /// <summary>The pieces of the face on the bone that a face in the joint lies against.</summary>
    public IReadOnlyList<FaceElement> Bone { get; }

    /// <summary>For each piece, how far the sheet reaches along the normal, in mm.</summary>
    public double[] Normal { get; }

    /// <summary>For each piece, how far the nearest place of the face in the joint is, in mm.</summary>
    public double[] Nearest { get; }

    private double Reach => 1.5 * mask.Spacing.Largest;

    private (FaceElement Element, double Chord)[] Opposed(IReadOnlyList<FaceElement> face)
    {
        var chords = new double?[face.Count];
        Parallel.For(0, chords.Length, n => chords[n] = ChordFrom(face[n]));
        return
        [
            .. face.Zip(chords)
                .Where(one => one.Second is not null)
                .Select(one => (one.First, one.Second!.Value)),
        ];
    }

    // All that is inside along the normal, from a voxel before the face to a voxel's gap: the steps of both faces
    // even out, so that the mean over a face has no bias. Null where the way out is no face against this one.
    private double? ChordFrom(FaceElement element)
    {
        var (step, gap) = (mask.Spacing.Smallest / 10, mask.Spacing.Largest);
        var origin = mask.ToVoxels(element.Place);
        var towards = mask.ToVoxels(element.Place - element.Outwards) - origin;
        (int, int, int) At(double t)
        {
            var at = origin + t * towards;
            return (Round(at.X), Round(at.Y), Round(at.Z));
        }
        var (inside, last) = (0, 0.0);
        for (var t = step / 2 - gap; t - last < gap; t += step)
        {
            if (t > Thickest)
                return null;
            var (i, j, k) = At(t);
            if (!mask.Has(i, j, k))
                continue;
            inside++;
            last = Math.Max(last, t);
        }
        var exit = faces.OutwardsBetween(At(last), At(last + step));
        return Point3.Dot(exit, element.Outwards) < -Opposite ? inside * step : null;
    }

    private double[] Apart(Point3[] bone, Point3[] joint)
    {
        if (joint.Length == 0)
            return [];
        var grid = new PointGrid(joint, Reach);
        var apart = new double[bone.Length];
        Parallel.For(
            0,
            bone.Length,
            n => apart[n] = (joint[grid.Nearest(bone[n])] - bone[n]).Length
        );
        return apart;
    }

    // Each piece moved along its normal to the middle of those around it: the nearest place would else be a step of
    // voxels that juts out.
    private Point3[] Evened(IReadOnlyList<FaceElement> face)
    {
        if (face.Count == 0)
            return [];
        var grid = new PointGrid([.. face.Select(element => element.Place)], Reach);
        var evened = new Point3[face.Count];
        Parallel.For(
            0,
            evened.Length,
            n =>
            {
                var (height, area) = (0.0, 0.0);
                var (place, outwards) = (face[n].Place, face[n].Outwards);
                foreach (var other in grid.Around(place))
                {
                    var apart = face[other].Place - place;
                    if (apart.Length > Reach || Point3.Dot(face[other].Outwards, outwards) < 0.5)
                        continue;
                    height += face[other].Area * Point3.Dot(apart, outwards);
                    area += face[other].Area;
                }
                evened[n] = place + height / area * outwards;
            }
        );
        return evened;
    }

    private static int Round(double value) => (int)Math.Floor(value + 0.5);
}
