using KneeSeg.Imaging;

namespace KneeSeg.Evaluation;

/// <summary>
/// Where the bone is, seen from a cartilage, without a label for bone: below the tibia's, before the patella's, and
/// inside the arc that the femur's makes from front to back.
/// </summary>
internal static class BoneSide
{
    /// <summary>The unit vector towards the bone at a place.</summary>
    /// <param name="name">The structure's name in its profile.</param>
    /// <param name="places">Its voxels in RAS+ mm.</param>
    /// <returns>Null for a structure that does not lie on a bone, or of which nothing can be told.</returns>
    public static Func<Point3, Point3>? Of(string name, IReadOnlyList<Point3> places) =>
        !name.Contains("cartilage") ? null
        : name.Contains("tibial") ? _ => new(0, 0, -1)
        : name.Contains("patellar") ? _ => new(0, 1, 0)
        : name.Contains("femoral") ? TowardsAxis(places)
        : null;

    // The circle of least squares in the sagittal plane (Kåsa 1976): the femur's cartilage lies around an axis from
    // side to side.
    private static Func<Point3, Point3>? TowardsAxis(IReadOnlyList<Point3> places)
    {
        if (places.Count == 0)
            return null;
        var (a, s) = (places.Average(p => p.Y), places.Average(p => p.Z));
        var (uu, uv, vv, ru, rv) = (0.0, 0.0, 0.0, 0.0, 0.0);
        foreach (var place in places)
        {
            var (u, v) = (place.Y - a, place.Z - s);
            var r = (u * u + v * v) / 2;
            (uu, uv, vv, ru, rv) = (uu + u * u, uv + u * v, vv + v * v, ru + r * u, rv + r * v);
        }
        var determinant = uu * vv - uv * uv;
        // In a line, or a single voxel.
        if (determinant <= 1e-9 * uu * vv)
            return null;
        var centre = (
            A: a + (ru * vv - rv * uv) / determinant,
            S: s + (rv * uu - ru * uv) / determinant
        );
        return place =>
        {
            var towards = new Point3(0, centre.A - place.Y, centre.S - place.Z);
            return 1 / Math.Max(towards.Length, 1e-9) * towards;
        };
    }
}
