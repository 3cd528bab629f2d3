using KneeSeg.Data.Validation;
using static System.FormattableString;

namespace KneeSeg.Inference.Quality;

/// <summary>
/// The Dice of each label that a network's own probabilities imply: 2 Σ p over its voxels / (their number + Σ p over all
/// voxels), with p calibrated by a temperature, softmax(ln p / T).
/// </summary>
/// <param name="classes">Background included.</param>
/// <param name="temperature">The temperature; 1 leaves probabilities as they are.</param>
internal sealed class Confidence(int classes, double temperature)
{
    /// <summary>Beyond this probability, calibration changes nothing that matters.</summary>
    public const float Certain = 0.999f;

    private const double Doubtful = 0.7;
    private const double Unreliable = 0.5;

    private readonly double[] inside = new double[classes];
    private readonly double[] everywhere = new double[classes];
    private readonly long[] voxels = new long[classes];
    private readonly double[] calibrated = new double[classes];

    /// <summary>By label, the expected Dice; null where nothing has the label.</summary>
    public IReadOnlyList<double?> ExpectedDice =>
        [
            .. voxels.Select(
                (count, label) =>
                    count == 0 ? (double?)null : 2 * inside[label] / (count + everywhere[label])
            ),
        ];

    /// <summary>Adds a slice.</summary>
    /// <param name="maps">The probabilities of each class.</param>
    /// <param name="labels">The most probable classes.</param>
    public void Add(float[][] maps, ReadOnlySpan<byte> labels)
    {
        for (var i = 0; i < labels.Length; i++)
        {
            var label = labels[i];
            voxels[label]++;
            if (maps[label][i] >= Certain)
            {
                inside[label]++;
                everywhere[label]++;
                continue;
            }
            var sum = 0.0;
            for (var one = 0; one < classes; one++)
                sum += calibrated[one] = Math.Pow(maps[one][i], 1 / temperature);
            for (var one = 0; one < classes; one++)
                everywhere[one] += calibrated[one] / sum;
            inside[label] += calibrated[label] / sum;
        }
    }

    /// <summary>Flags of labels with a low expected Dice.</summary>
    /// <param name="dice">By label, as <see cref="ExpectedDice"/>; may be empty.</param>
    /// <param name="names">Names in label order.</param>
    public static IEnumerable<QualityFlag> Flags(
        IReadOnlyList<double?> dice,
        IReadOnlyList<string> names
    ) =>
        from one in dice.Zip(names).Skip(1)
        where one.First < Doubtful
        select new QualityFlag(
            "low-confidence",
            one.First < Unreliable ? FlagSeverity.Severe : FlagSeverity.Warning,
            Invariant(
                $"the network is unsure of the {one.Second}: its probabilities imply a Dice of about {one.First:0.00}"
            ),
            "Look at its labels, and correct them if they are wrong"
        );
}
