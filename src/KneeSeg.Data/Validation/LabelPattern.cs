using KneeSeg.Imaging;

namespace KneeSeg.Data.Validation;

/// <summary>
/// Distinguishes a label volume from an image, for any number of labels. Both may be whole numbers with flat regions, but
/// image intensities change gradually: neighbors that differ are close in rank. Labels are categories, so neighbors are
/// often far apart in rank.
/// </summary>
internal sealed class LabelPattern
{
    // Labels are numbered below it; an image of whole numbers may go further.
    private const int MostValue = 1 << 16;

    // No scan has so few gray levels.
    private const int FewestShades = 4;

    // Scans have more gray levels; with fewer, flat regions are not required.
    private const int FewShades = 16;

    // Real knees at 8 to 255 gray levels, smoothed, masked or enlarged: at most 0.06. Labels: 0.2 to 0.5.
    private const double LeastStep = 0.18;

    // Noise has hardly any equal neighbors. Labels of thin sheets in coarse voxels: 0.2.
    private const double LeastEqual = 0.12;

    private readonly int[] ranks = new int[MostValue];
    private readonly Volume<float> image;
    private readonly int shades;
    private long equal;
    private long unequal;
    private double steps;

    private LabelPattern(Volume<float> image)
    {
        this.image = image;
        foreach (var value in image.Voxels)
            ranks[Index(value)] = 1;
        for (var value = 0; value < MostValue; value++)
            if (ranks[value] == 1)
                ranks[value] = shades++;
    }

    /// <summary>Whether the volume is one of labels.</summary>
    public static bool IsIn(Volume<float> image) =>
        Array.TrueForAll(image.Voxels, IsLabel) && new LabelPattern(image).IsLabels();

    private static bool IsLabel(float value) =>
        value is >= 0 and < MostValue && value == MathF.Floor(value) || !float.IsFinite(value);

    // Non-finite voxels lie outside the labeled region.
    private static int Index(float value) => float.IsFinite(value) ? (int)value : 0;

    private bool IsLabels()
    {
        if (shades <= FewestShades)
            return true;
        var (width, slice) = (image.Grid.Size.X, image.Grid.Size.X * image.Grid.Size.Y);
        for (var i = 0; i < image.Voxels.Length; i++)
        {
            if ((i + 1) % width != 0)
                Compare(i, i + 1);
            if (i % slice + width < slice)
                Compare(i, i + width);
            if (i + slice < image.Voxels.Length)
                Compare(i, i + slice);
        }
        if (unequal == 0)
            return false;
        // The mean rank step beyond 1, as a fraction of the largest possible.
        var step = (steps / unequal - 1) / (shades - 2);
        return step >= LeastStep
            && (shades <= FewShades || equal >= LeastEqual * (equal + unequal));
    }

    // Background pairs are skipped: images have as much of it as label volumes.
    private void Compare(int a, int b)
    {
        var (one, other) = (Index(image.Voxels[a]), Index(image.Voxels[b]));
        if (one != other)
        {
            unequal++;
            steps += Math.Abs(ranks[one] - ranks[other]);
        }
        else if (one != 0)
            equal++;
    }
}
