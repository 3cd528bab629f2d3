using KneeSeg.Imaging;

namespace KneeSeg.Evaluation;

/// <summary>
/// The thickness of a cartilage along the normal of its face on the bone, spread out flat: the tibia's seen from above,
/// the patella's from behind, the femur's unrolled from front to back. The subject's right is at the left.
/// </summary>
/// <param name="Width">Pixels from side to side.</param>
/// <param name="Height">Pixels from the front (of the patella: from above) downwards.</param>
/// <param name="Pixel">How many mm a pixel is.</param>
/// <param name="Millimetres">The thickness at each pixel, row by row; NaN where there is no cartilage.</param>
public sealed record ThicknessMap(int Width, int Height, double Pixel, float[] Millimetres)
{
    // How far from its axis the femur's cartilage lies, roughly: what an angle is in mm.
    private const double Radius = 25;

    /// <summary>Maps of a cartilage in reference and prediction, pixel for pixel the same places.</summary>
    /// <param name="reference">What is true.</param>
    /// <param name="prediction">What was found, on the same grid.</param>
    /// <param name="label">The cartilage's label.</param>
    /// <param name="name">Its name in the profile.</param>
    /// <returns>Null where the reference has none of it, or it is no cartilage on a bone.</returns>
    public static (ThicknessMap Reference, ThicknessMap Prediction)? Pair(
        Volume<byte> reference,
        Volume<byte> prediction,
        byte label,
        string name
    )
    {
        var box = VoxelBox.Around(reference, label);
        if (box.IsEmpty)
            return null;
        var pair = MaskPair.Of(
            reference,
            prediction,
            [label],
            box.Union(VoxelBox.Around(prediction, label))
        );
        CutMask Mask(bool[] mask) => new(mask, pair.Size, pair.Grid.Affine);
        var truth = Mask(pair.Reference);
        if (BoneSide.Of(name, [.. truth.Places()]) is not { } towardsBone)
            return null;
        (double U, double V) Flat(Point3 place) =>
            name.Contains("tibial") ? (-place.X, -place.Y)
            : name.Contains("patellar") ? (-place.X, -place.Z)
            : (-place.X, Radius * Angle(towardsBone(place)));
        var sheets = new[] { truth, Mask(pair.Prediction) }
            .Select(mask => new SheetThickness(mask, towardsBone))
            .ToArray();
        var places = sheets
            .SelectMany(sheet => sheet.Bone.Select(one => Flat(one.Place)))
            .ToArray();
        if (places is [])
            return null;
        var frame = new Frame(places, Math.Max(1, pair.Spacing.Largest));
        return (Of(sheets[0], frame, Flat), Of(sheets[1], frame, Flat));
    }

    // From the front over the lowest place to the back.
    private static double Angle(Point3 towardsBone) => Math.Atan2(towardsBone.Z, -towardsBone.Y);

    private static ThicknessMap Of(
        SheetThickness sheet,
        Frame frame,
        Func<Point3, (double U, double V)> flat
    )
    {
        var (sums, areas) = (new double[frame.Count], new double[frame.Count]);
        for (var i = 0; i < sheet.Bone.Count; i++)
        {
            var at = frame.At(flat(sheet.Bone[i].Place));
            sums[at] += sheet.Bone[i].Area * sheet.Normal[i];
            areas[at] += sheet.Bone[i].Area;
        }
        return new(
            frame.Width,
            frame.Height,
            frame.Pixel,
            [.. sums.Zip(areas, (sum, area) => area > 0 ? (float)(sum / area) : float.NaN)]
        );
    }

    private sealed class Frame
    {
        private readonly double left;
        private readonly double top;

        public Frame((double U, double V)[] places, double pixel)
        {
            (left, top, Pixel) = (places.Min(p => p.U), places.Min(p => p.V), pixel);
            Width = (int)((places.Max(p => p.U) - left) / pixel) + 1;
            Height = (int)((places.Max(p => p.V) - top) / pixel) + 1;
        }

        public double Pixel { get; }

        public int Width { get; }

        public int Height { get; }

        public int Count => Width * Height;

        public int At((double U, double V) place) =>
            (int)((place.U - left) / Pixel) + Width * (int)((place.V - top) / Pixel);
    }
}
