using KneeSeg.Imaging;

namespace KneeSeg.Data.Datasets;

/// <summary>
/// Plausibility checks of the label order, since files do not store it: femoral cartilage is the largest cartilage or
/// meniscus, medial structures lie on one side of the joint, and that is the left of a right knee.
/// </summary>
internal sealed class LabelOrder
{
    private const string Largest = "femoral cartilage";

    // A few misplaced voxels do not contradict the order of labels.
    private const int FewestVoxels = 8;

    private readonly long[] counts = new long[256];
    private readonly double[] right = new double[256];

    /// <summary>Accumulates size and position of each label.</summary>
    public LabelOrder(Volume<byte> labels)
    {
        var (size, affine) = (labels.Grid.Size, labels.Grid.Affine);
        var at = 0;
        for (var k = 0; k < size.Z; k++)
        for (var j = 0; j < size.Y; j++)
        for (var i = 0; i < size.X; i++)
            if (labels.Voxels[at++] is var label and not 0)
            {
                counts[label]++;
                right[label] += affine.M00 * i + affine.M01 * j + affine.M02 * k;
            }
    }

    /// <summary>Why the labels contradict a profile's order, or null. Absent structures are allowed.</summary>
    /// <param name="profile">The declared label map.</param>
    /// <param name="side">The declared side.</param>
    public string? Contradiction(LabelSchema profile, KneeSide side)
    {
        if (TooSmall(profile) is { } larger)
            return $"there is more {larger} than {Largest}";
        var pairs = Pairs(profile);
        foreach (var (name, towardsRight) in pairs)
            if (towardsRight != pairs[0].MedialIsRight)
                return $"the medial {pairs[0].Name} and the medial {name} are on different sides of the joint";
        return
            pairs is [var first, ..]
            && side != KneeSide.Unknown
            && first.MedialIsRight != (side == KneeSide.Left)
            ? $"the medial {first.Name} is where the lateral one of a {side.ToString().ToLowerInvariant()} knee is"
            : null;
    }

    /// <summary>Which knee it is, by the places of medial and lateral structures; unknown where they do not agree.</summary>
    public KneeSide Side(LabelSchema profile) =>
        Pairs(profile).Select(pair => pair.MedialIsRight).Distinct().ToArray() switch
        {
            [true] => KneeSide.Left,
            [false] => KneeSide.Right,
            _ => KneeSide.Unknown,
        };

    private string? TooSmall(LabelSchema profile)
    {
        var femoral = IndexOf(profile, Largest);
        // Sparse annotations have no meaningful sizes.
        if (femoral < 0 || counts[femoral] == 0 || counts[LabelValue.Ignored] > 0)
            return null;
        return profile
            .Labels.Where(
                (name, label) =>
                    (name.EndsWith("cartilage") || name.EndsWith("meniscus"))
                    && counts[label] > counts[femoral]
            )
            .FirstOrDefault();
    }

    /// <summary>The error for labels that contradict their profile but fit another, or null.</summary>
    public ProblemException? Problem(string where, LabelSchema profile, KneeSide side)
    {
        if (Contradiction(profile, side) is not { } contradiction)
            return null;
        var other = LabelSchema.Known.FirstOrDefault(known =>
            !known.SameOrder(profile)
            && known.Classes == profile.Classes
            && Contradiction(known, side) is null
        );
        return other is null
            ? null
            : new(
                ExitCode.Data,
                where,
                $"with profile {profile.Name}, {contradiction}; with profile {other.Name}, everything is consistent",
                $"Set the profile to {other.Name} in dataset.json, or correct the labels"
            );
    }

    private (string Name, bool MedialIsRight)[] Pairs(LabelSchema profile) =>
        [
            .. from structure in SidedStructure.In(profile)
            let medial = structure.Medial
            let lateral = structure.Lateral
            where counts[medial] >= FewestVoxels && counts[lateral] >= FewestVoxels
            select (
                structure.Name,
                right[medial] / counts[medial] > right[lateral] / counts[lateral]
            ),
        ];

    private static int IndexOf(LabelSchema profile, string name) =>
        profile.Labels.ToList().IndexOf(name);
}
