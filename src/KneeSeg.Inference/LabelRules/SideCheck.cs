using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;

namespace KneeSeg.Inference.LabelRules;

/// <summary>Which voxels have the label of the other side of the joint.</summary>
/// <param name="Verdict">Whether it is clear which side is the medial one.</param>
/// <param name="Misplaced">By structure and label; empty unless the sides are clear.</param>
/// <param name="Connected">Structures whose medial and lateral parts touch.</param>
internal sealed record SideCheck(
    SideVerdict Verdict,
    IReadOnlyList<MisplacedVoxels> Misplaced,
    IReadOnlyList<SidedStructure> Connected
)
{
    // Voxels so near to the middle, in mm, may belong to either side.
    private const double Middle = 5;

    // A part with more of its voxels on one side belongs to it.
    private const double OneSide = 0.9;

    // Labels that favor one arrangement by so much, from 0 (as much against it) to 1 (all for it), make it clear.
    private const double ClearEvidence = 0.5;

    // Labels that contradict the knee's side by so much are as likely a wrong side or header.
    private const double Contradiction = 0.5;

    /// <summary>Checks labels.</summary>
    /// <param name="volume">The labels.</param>
    /// <param name="profile">The label map.</param>
    /// <param name="side">Which knee it is, where that is known.</param>
    public static SideCheck Of(Volume<byte> volume, LabelSchema profile, KneeSide side)
    {
        SidedPart[] parts =
        [
            .. SidedStructure.In(profile).SelectMany(one => SidedPart.In(volume, one)),
        ];
        if (JointAxis.Of(volume.Grid, parts) is not { } axis)
            return new(SideVerdict.NoPlates, [], []);
        var sided = Array.ConvertAll(parts, part => new PartSides(volume, part, axis));
        var evidence = Evidence(sided);
        var known = side switch
        {
            KneeSide.Left => 1,
            KneeSide.Right => -1,
            _ => 0,
        };
        var verdict =
            known * evidence < -Contradiction ? SideVerdict.ContradictsSide
            : known == 0 && Math.Abs(evidence) < ClearEvidence ? SideVerdict.Unclear
            : SideVerdict.Clear;
        var medialIsRight = known == 0 ? evidence > 0 : known > 0;
        return new(
            verdict,
            verdict == SideVerdict.Clear
                ?
                [
                    .. from one in sided
                    from voxels in one.Misplaced(medialIsRight)
                    group voxels.Voxel by (voxels.Label, voxels.Expected) into all
                    select new MisplacedVoxels(all.Key.Label, all.Key.Expected, [.. all]),
                ]
                : [],
            [.. sided.Where(one => one.IsAcross).Select(one => one.Structure).Distinct()]
        );
    }

    // 1 if everything labeled medial is to the right of what is labeled lateral, -1 if to the left. Both sides of a structure
    // count alike, however large.
    private static double Evidence(PartSides[] parts) =>
        parts
            .GroupBy(one => one.Structure)
            .Select(all =>
            {
                double Medial(bool right)
                {
                    var (medial, count) = (
                        all.Sum(one => one.Medial(right)),
                        all.Sum(one => one.Count(right))
                    );
                    return count == 0 ? 0.5 : (double)medial / count;
                }
                return Medial(right: true) - Medial(right: false);
            })
            .DefaultIfEmpty()
            .Average();

    // A part and the side of each of its voxels.
    private sealed class PartSides
    {
        private readonly byte[] labels;
        private readonly double[] right;
        private readonly SidedPart part;

        public PartSides(Volume<byte> volume, SidedPart part, JointAxis axis)
        {
            this.part = part;
            labels = [.. part.Voxels.Select(voxel => volume.Voxels[voxel])];
            right = [.. part.Voxels.Select(axis.Right)];
            var share = right.Count(mm => mm > 0) / (double)right.Length;
            IsOnOneSide =
                Math.Max(share, 1 - share) >= OneSide && Math.Abs(right.Average()) > Middle;
            IsAcross =
                !IsOnOneSide && right.Any(mm => mm > Middle) && right.Any(mm => mm < -Middle);
        }

        public SidedStructure Structure => part.Structure;

        public bool IsAcross { get; }

        private bool IsOnOneSide { get; }

        public int Count(bool right) => this.right.Count(mm => (right ? mm : -mm) > Middle);

        public int Medial(bool right) =>
            this
                .right.Zip(labels)
                .Count(one =>
                    (right ? one.First : -one.First) > Middle && one.Second == Structure.Medial
                );

        public IEnumerable<(int Voxel, byte Label, byte Expected)> Misplaced(bool medialIsRight)
        {
            var whole = IsOnOneSide ? right.Average() : (double?)null;
            for (var i = 0; i < labels.Length; i++)
            {
                var mm = whole ?? right[i];
                var expected = mm > 0 == medialIsRight ? Structure.Medial : Structure.Lateral;
                if (Math.Abs(mm) > Middle && labels[i] != expected)
                    yield return (part.Voxels[i], labels[i], expected);
            }
        }
    }
}

/// <summary>Whether labels tell which side of the joint is the medial one.</summary>
internal enum SideVerdict
{
    /// <summary>It is clear.</summary>
    Clear,

    /// <summary>No structure is found on both sides.</summary>
    NoPlates,

    /// <summary>Labels are medial on both sides about as much.</summary>
    Unclear,

    /// <summary>The labels are those of the other knee.</summary>
    ContradictsSide,
}

/// <summary>Voxels with the label of the other side.</summary>
/// <param name="Label">Their label.</param>
/// <param name="Expected">The label of their side.</param>
/// <param name="Voxels">Their indices in the volume.</param>
internal sealed record MisplacedVoxels(byte Label, byte Expected, IReadOnlyList<int> Voxels);
