using System.Globalization;

namespace KneeSeg.Imaging.Formats;

/// <summary>Converts numbers to labels and counts invalid ones: labels are whole numbers from 0 to 255.</summary>
internal sealed class LabelReading(string path)
{
    private long wrong;
    private float firstWrong;

    /// <summary>Converts the next voxels.</summary>
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

    /// <summary>Reports invalid values once all voxels are read.</summary>
    /// <exception cref="ProblemException">Some value is not a label (exit 3).</exception>
    public void Check()
    {
        if (wrong > 0)
            throw new ProblemException(
                ExitCode.Data,
                path,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{wrong:N0} voxels are not labels (the first is {firstWrong}); labels are whole numbers from 0 to 255"
                ),
                "Pass the label volume, not the image, or round its values before export"
            );
    }
}
