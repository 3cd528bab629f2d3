using System.Globalization;

namespace KneeSeg.Imaging;

/// <summary>Turns numbers into labels and counts those that are none: labels are whole, from 0 to 255.</summary>
internal sealed class LabelReading(string path)
{
    private long wrong;
    private float firstWrong;

    /// <summary>Takes the next voxels.</summary>
    public void Take(ReadOnlySpan<float> values, Span<byte> labels)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var label = (byte)values[i];
            labels[i] = label;
            if (label != values[i] && wrong++ == 0)
                firstWrong = values[i];
        }
    }

    /// <summary>Says what was wrong, once all voxels are seen.</summary>
    /// <exception cref="ProblemException">Some value was no label (exit 3).</exception>
    public void Check()
    {
        if (wrong > 0)
            throw new ProblemException(
                ExitCode.Data,
                path,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{wrong:N0} voxels are no labels, the first {firstWrong}; labels are whole numbers from 0 to 255"
                ),
                "Give the label volume, not the image, or round it where it was made"
            );
    }
}
