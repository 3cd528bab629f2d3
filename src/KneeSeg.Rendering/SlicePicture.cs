using KneeSeg.Imaging;

namespace KneeSeg.Rendering;

/// <summary>
/// A slice as a color picture: the image in gray, labels as a tint with a contour. Pixels are square: a slice is
/// stretched to its true proportions in mm.
/// </summary>
public static class SlicePicture
{
    /// <summary>How much of a label's color shows over the image.</summary>
    internal const double Tint = 0.45;

    /// <summary>Draws a slice.</summary>
    /// <param name="gray">The image.</param>
    /// <param name="labels">What to lay over it, of the same size; null for the image alone.</param>
    /// <param name="width">Of the picture, in pixels; its height follows from the slice's proportions.</param>
    public static Raster Draw(Slice<byte> gray, Slice<byte>? labels, int width) =>
        Fill(gray, labels, width, Height(gray, width));

    /// <summary>Draws a slice into a given size, cropped evenly where the proportions differ.</summary>
    /// <param name="gray">The image.</param>
    /// <param name="labels">What to lay over it, of the same size; null for the image alone.</param>
    /// <param name="width">Of the picture, in pixels.</param>
    /// <param name="height">Of the picture, in pixels.</param>
    public static Raster Fill(Slice<byte> gray, Slice<byte>? labels, int width, int height) =>
        // Twice as large, then halved: contours without steps.
        Paint(gray, labels, new View(gray, 2 * width, 2 * height), contour: 2).Halved();

    /// <summary>As <see cref="Fill"/>, with few colors and steps in the contours: for pictures with a palette.</summary>
    /// <param name="gray">The image.</param>
    /// <param name="labels">What to lay over it, of the same size; null for the image alone.</param>
    /// <param name="width">Of the picture, in pixels.</param>
    /// <param name="height">Of the picture, in pixels.</param>
    public static Raster Sharp(Slice<byte> gray, Slice<byte>? labels, int width, int height) =>
        Paint(gray, labels, new View(gray, width, height), contour: 1);

    /// <summary>The height that keeps a slice's proportions in mm.</summary>
    /// <param name="slice">The slice.</param>
    /// <param name="width">Of the picture, in pixels.</param>
    public static int Height<T>(Slice<T> slice, int width)
        where T : unmanaged =>
        Math.Max(
            1,
            (int)
                Math.Round(
                    width * slice.Height * slice.PixelHeight / (slice.Width * slice.PixelWidth)
                )
        );

    private static Raster Paint(Slice<byte> gray, Slice<byte>? labels, View view, int contour)
    {
        var shown = labels is null ? null : view.Labels(labels);
        var pixels = new Rgb[view.Width * view.Height];
        for (var y = 0; y < view.Height; y++)
        for (var x = 0; x < view.Width; x++)
        {
            var i = x + view.Width * y;
            var value = view.Intensity(gray, x, y);
            var pixel = new Rgb(value, value, value);
            pixels[i] =
                shown is { } map && map[i] is not 0 and var label
                    ? LabelPalette
                        .OnDark(label)
                        .Over(pixel, view.OnContour(map, x, y, contour) ? 1 : Tint)
                    : pixel;
        }
        return new Raster(view.Width, view.Height, pixels);
    }

    // Where a picture's pixels lie in a slice: at a common scale, the center of one on the center of the other.
    private sealed class View(Slice<byte> slice, int width, int height)
    {
        private readonly double millimeters = Math.Min(
            slice.Width * slice.PixelWidth / width,
            slice.Height * slice.PixelHeight / height
        );

        public int Width => width;

        public int Height => height;

        public byte Intensity(Slice<byte> gray, int x, int y)
        {
            var (at, right, down, u, v) = Place(x, y);
            var above = gray.Pixels[at] + u * (gray.Pixels[at + right] - gray.Pixels[at]);
            var below =
                gray.Pixels[at + down]
                + u * (gray.Pixels[at + down + right] - gray.Pixels[at + down]);
            return (byte)Math.Round(above + v * (below - above));
        }

        // The label that has the largest share of the four nearest voxels: smooth contours, not stairs.
        public byte[] Labels(Slice<byte> labels)
        {
            var shown = new byte[width * height];
            Span<double> shares = stackalloc double[256];
            for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                var (at, right, down, u, v) = Place(x, y);
                Span<byte> four =
                [
                    labels.Pixels[at],
                    labels.Pixels[at + right],
                    labels.Pixels[at + down],
                    labels.Pixels[at + down + right],
                ];
                ReadOnlySpan<double> weights = [(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v];
                for (var i = 0; i < 4; i++)
                    shares[four[i]] += weights[i];
                var best = four[0];
                foreach (var label in four)
                    if (shares[label] > shares[best])
                        best = label;
                foreach (var label in four)
                    shares[label] = 0;
                shown[x + width * y] = best;
            }
            return shown;
        }

        // Inside a label, and within so many pixels of another one or of nothing.
        public bool OnContour(byte[] map, int x, int y, int thickness)
        {
            var label = map[x + width * y];
            return Other(x - thickness, y)
                || Other(x + thickness, y)
                || Other(x, y - thickness)
                || Other(x, y + thickness);

            bool Other(int column, int row) =>
                (uint)column >= (uint)width
                || (uint)row >= (uint)height
                || map[column + width * row] != label;
        }

        // The voxel up and left of a pixel's center, the steps to its neighbors, and how far between them it lies.
        private (int At, int Right, int Down, double U, double V) Place(int x, int y)
        {
            var (column, u) = Along(x, width, slice.Width, slice.PixelWidth);
            var (row, v) = Along(y, height, slice.Height, slice.PixelHeight);
            return (
                column + slice.Width * row,
                column + 1 < slice.Width ? 1 : 0,
                row + 1 < slice.Height ? slice.Width : 0,
                u,
                v
            );
        }

        private (int Voxel, double Between) Along(int pixel, int pixels, int voxels, double spacing)
        {
            var fromCenter = (pixel + 0.5 - pixels / 2.0) * millimeters / spacing;
            var place = Math.Clamp(fromCenter + voxels / 2.0 - 0.5, 0, voxels - 1);
            return ((int)place, place - (int)place);
        }
    }
}
