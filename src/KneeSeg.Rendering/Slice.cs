using KneeSeg.Imaging;

namespace KneeSeg.Rendering;

/// <summary>
/// One slice of a volume, turned as its <see cref="Plane"/> is read: pixel (column, row) is at
/// <c>column + Width · row</c>, row 0 on top.
/// </summary>
/// <typeparam name="T"><see cref="float"/> for images, <see cref="byte"/> for labels.</typeparam>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="PixelWidth">A column in mm.</param>
/// <param name="PixelHeight">A row in mm.</param>
/// <param name="Pixels">The values.</param>
public sealed record Slice<T>(
    int Width,
    int Height,
    double PixelWidth,
    double PixelHeight,
    T[] Pixels
)
    where T : unmanaged
{
    /// <summary>Cuts a volume.</summary>
    /// <param name="volume">A volume in model space: its axes run to Posterior, Inferior, Right.</param>
    /// <param name="plane">The plane.</param>
    /// <param name="index">Which slice: the voxel index along the axis across the plane.</param>
    public static Slice<T> Cut(Volume<T> volume, Plane plane, int index)
    {
        var size = volume.Grid.Size;
        var (across, down) = Axes(plane);
        var (width, height) = (size[across], size[down]);
        int[] steps = [1, size.X, size.X * size.Y];
        // The right side of the patient is on the left of the picture.
        var (first, step) = across == 2 ? ((width - 1) * steps[2], -steps[2]) : (0, steps[across]);
        var start = index * steps[3 - across - down] + first;
        var pixels = new T[width * height];
        for (var row = 0; row < height; row++)
        for (var column = 0; column < width; column++)
            pixels[column + width * row] = volume.Voxels[start + row * steps[down] + column * step];
        var spacing = volume.Grid.Spacing;
        return new(width, height, spacing[across], spacing[down], pixels);
    }

    /// <summary>Part of the slice.</summary>
    /// <param name="frame">Which part; inside the slice.</param>
    public Slice<T> Crop(CropBox frame)
    {
        var pixels = new T[frame.Width * frame.Height];
        for (var row = 0; row < frame.Height; row++)
            Pixels
                .AsSpan((frame.Top + row) * Width + frame.Left, frame.Width)
                .CopyTo(pixels.AsSpan(row * frame.Width));
        return new(frame.Width, frame.Height, PixelWidth, PixelHeight, pixels);
    }

    private static (int Across, int Down) Axes(Plane plane) =>
        plane switch
        {
            Plane.Sagittal => (0, 1),
            Plane.Coronal => (2, 1),
            _ => (2, 0),
        };
}

/// <summary>The plane of a slice, seen as radiologists do.</summary>
public enum Plane
{
    /// <summary>From the side: superior on top, anterior on the left.</summary>
    Sagittal,

    /// <summary>From the front: superior on top, the patient's right on the left.</summary>
    Coronal,

    /// <summary>From the feet: anterior on top, the patient's right on the left.</summary>
    Axial,
}

/// <summary>A rectangle of pixels of a slice.</summary>
/// <param name="Left">Its first column.</param>
/// <param name="Top">Its first row.</param>
/// <param name="Width">Columns, at least 1.</param>
/// <param name="Height">Rows, at least 1.</param>
public readonly record struct CropBox(int Left, int Top, int Width, int Height)
{
    /// <summary>The smallest frame with all labeled pixels of some slices and a margin; the whole where none is labeled.</summary>
    /// <param name="margin">In mm.</param>
    /// <param name="slices">Label slices of one size.</param>
    public static CropBox Around(double margin, params ReadOnlySpan<Slice<byte>> slices)
    {
        var first = slices[0];
        var (left, top, right, bottom) = (first.Width, first.Height, -1, -1);
        foreach (var slice in slices)
            for (var i = 0; i < slice.Pixels.Length; i++)
                if (slice.Pixels[i] != 0)
                {
                    var (row, column) = Math.DivRem(i, slice.Width);
                    (left, right) = (Math.Min(left, column), Math.Max(right, column));
                    (top, bottom) = (Math.Min(top, row), Math.Max(bottom, row));
                }
        if (right < 0)
            return new(0, 0, first.Width, first.Height);
        var beside = (int)Math.Ceiling(margin / first.PixelWidth);
        var above = (int)Math.Ceiling(margin / first.PixelHeight);
        left = Math.Max(0, left - beside);
        top = Math.Max(0, top - above);
        return new(
            left,
            top,
            Math.Min(first.Width, right + beside + 1) - left,
            Math.Min(first.Height, bottom + above + 1) - top
        );
    }
}
