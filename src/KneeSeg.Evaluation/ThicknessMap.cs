using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;
using KneeSeg.Morphometry;

namespace KneeSeg.Evaluation;

/// <summary>
/// The thickness of a cartilage along the normal of its bone interface, flattened: the tibia's seen from above,
/// the patella's from behind, the femur's unrolled from front to back. The subject's right is at the left.
/// </summary>
/// <param name="Width">Pixels from side to side.</param>
/// <param name="Height">Pixels from the front (of the patella: from above) downwards.</param>
/// <param name="Pixel">How many mm a pixel is.</param>
/// <param name="Millimeters">The thickness at each pixel, row by row; NaN where there is no cartilage.</param>
public sealed record ThicknessMap(int Width, int Height, double Pixel, float[] Millimeters)
{
    /// <summary>Maps of a cartilage in reference and prediction, aligned pixel by pixel.</summary>
    /// <param name="reference">The reference labels.</param>
    /// <param name="prediction">The predicted labels, on the same grid.</param>
    /// <param name="label">The cartilage's label.</param>
    /// <param name="name">Its name in the profile.</param>
    /// <returns>Null if the reference does not have it, or it is not a cartilage plate.</returns>
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
        if (PlateThickness.ChartOf(name, pair.ReferenceMask) is not { } chart)
            return null;
        IReadOnlyList<PlateElement>[] plates =
        [
            PlateThickness.Elements(pair.ReferenceMask, chart),
            PlateThickness.Elements(pair.PredictionMask, chart),
        ];
        var frame = new MapFrame(
            [.. plates.SelectMany(plate => plate)],
            Math.Max(1, pair.Spacing.Largest)
        );
        return (Of(plates[0], frame), Of(plates[1], frame));
    }

    private static ThicknessMap Of(IReadOnlyList<PlateElement> plate, MapFrame frame)
    {
        var (sums, areas) = (new double[frame.Count], new double[frame.Count]);
        foreach (var element in plate)
        {
            var at = frame.At(element);
            sums[at] += element.Area * element.Normal;
            areas[at] += element.Area;
        }
        return new(
            frame.Width,
            frame.Height,
            frame.Pixel,
            [.. sums.Zip(areas, (sum, area) => area > 0 ? (float)(sum / area) : float.NaN)]
        );
    }

    private sealed class MapFrame
    {
        private readonly double left;
        private readonly double top;

        public MapFrame(PlateElement[] elements, double pixel)
        {
            (left, top, Pixel) = (elements.Min(p => p.U), elements.Min(p => p.V), pixel);
            Width = (int)((elements.Max(p => p.U) - left) / pixel) + 1;
            Height = (int)((elements.Max(p => p.V) - top) / pixel) + 1;
        }

        public double Pixel { get; }

        public int Width { get; }

        public int Height { get; }

        public int Count => Width * Height;

        public int At(PlateElement element) =>
            (int)((element.U - left) / Pixel) + Width * (int)((element.V - top) / Pixel);
    }
}
