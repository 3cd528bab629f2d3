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
    /// <param name="reference">The plate.</param>
    /// <param name="prediction">The predicted one, measured at the same cells.</param>
    public static (ThicknessMap Reference, ThicknessMap Prediction) Pair(
        Plate reference,
        Plate prediction
    )
    {
        var frame = new MapFrame(
            [.. reference.Cells, .. prediction.Cells],
            Math.Max(1, reference.Resolution)
        );
        return (Of(reference, frame), Of(prediction, frame));
    }

    private static ThicknessMap Of(Plate plate, MapFrame frame)
    {
        var (sums, areas) = (new double[frame.Count], new double[frame.Count]);
        foreach (var cell in plate.Cells.Where(cell => cell.Covered > 0))
        {
            var at = frame.At(cell);
            sums[at] += cell.Area * cell.Thickness;
            areas[at] += cell.Area;
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

        public MapFrame(PlateCell[] cells, double pixel)
        {
            (left, top, Pixel) = (cells.Min(p => p.At.U), cells.Min(p => p.At.V), pixel);
            Width = (int)((cells.Max(p => p.At.U) - left) / pixel) + 1;
            Height = (int)((cells.Max(p => p.At.V) - top) / pixel) + 1;
        }

        public double Pixel { get; }

        public int Width { get; }

        public int Height { get; }

        public int Count => Width * Height;

        public int At(PlateCell cell) =>
            (int)((cell.At.U - left) / Pixel) + Width * (int)((cell.At.V - top) / Pixel);
    }
}
