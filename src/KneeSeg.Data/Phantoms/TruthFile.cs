using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;
using KneeSeg.Morphometry;

namespace KneeSeg.Data.Phantoms;

/// <summary>
/// What is known of phantoms with several scans: <c>visits.csv</c> and, in the form of <c>measurements.json</c>,
/// <c>truth.json</c> with exact measures, changes and poses.
/// </summary>
internal sealed class TruthFile(LabelSchema profile)
{
    // The plates that are labeled, with the values that they have here and in a phantom.
    private readonly (int Value, byte Label, string Name)[] plates =
    [
        .. profile
            .Labels.Index()
            .Where(one => one.Item.EndsWith("cartilage", StringComparison.Ordinal))
            .Select(one =>
                (
                    one.Index,
                    (byte)LabelSchema.Find("iwoai")!.Labels.ToList().IndexOf(one.Item),
                    one.Item
                )
            ),
    ];

    private readonly List<CaseTruth> cases = [];
    private (long Seed, KneeTruth Truth)? knee;

    /// <summary>Measures a case; those of a knee follow each other.</summary>
    public void Add(DatasetCase dataCase, PhantomScan scan)
    {
        if (knee?.Seed != scan.Seed)
            knee = (scan.Seed, new(scan.Seed, plates.Select(one => (one.Label, one.Name))));
        var (labels, composites) =
            cases is [.., var last] && last.Subject == dataCase.Subject && last.Visit == scan.Visit
                ? (last.Labels, last.Composites)
                : Measured(knee.Value.Truth, scan);
        cases.Add(
            new(
                dataCase.Id,
                dataCase.Subject,
                dataCase.Side.ToString().ToLowerInvariant(),
                scan.Visit,
                scan.Number,
                scan.Visit,
                new(Numbers(scan.Motion.Degrees), Numbers(scan.Motion.Millimeters)),
                [.. scan.Changes.Select(TrueChange.Of)],
                labels,
                composites
            )
        );
    }

    /// <summary>Writes both files.</summary>
    /// <exception cref="ProblemException">The folder can't be written (exit 6).</exception>
    public void Write(string folder)
    {
        var table = new StringBuilder("case,subject,knee,visit,scan,years\n");
        foreach (var one in cases)
            table.Append($"{one.Id},{one.Subject},{one.Knee},{one.Visit},{one.Scan},{one.Years}\n");
        AtomicFile.WriteText(Path.Combine(folder, "visits.csv"), table.ToString());
        AtomicFile.WriteText(
            Path.Combine(folder, "truth.json"),
            JsonSerializer.Serialize(new { format = 1, cases }, JsonStyle.Indented) + "\n"
        );
    }

    private (IReadOnlyList<TrueLabel>, IReadOnlyList<RegionMeasures>) Measured(
        KneeTruth truth,
        PhantomScan scan
    )
    {
        var (measured, composites) = truth.At(scan.Changes);
        TrueLabel[] labels =
        [
            .. plates.Zip(
                measured,
                (plate, one) =>
                    new TrueLabel(plate.Value, plate.Name, new(one.Regions, one.RegionsOmitted))
            ),
        ];
        return (labels, composites);
    }

    private static float[] Numbers(Vector3 vector) => [vector.X, vector.Y, vector.Z];
}

internal sealed record CaseTruth(
    string Id,
    string Subject,
    string Knee,
    int Visit,
    int Scan,
    int Years,
    TruePose Pose,
    IReadOnlyList<TrueChange> Changes,
    IReadOnlyList<TrueLabel> Labels,
    IReadOnlyList<RegionMeasures> Composites
);

/// <summary>How a knee is turned, then moved against its first scan: about and along posterior, inferior and lateral.</summary>
internal sealed record TruePose(float[] Degrees, float[] Millimeters);

internal sealed record TrueChange(string Place, string Shape, double? Millimeters, double? Radius)
{
    public static TrueChange Of(CartilageChange change) =>
        new(
            change.Place.Name,
            change.Shape.ToString().ToLowerInvariant(),
            change.Shape == ChangeShape.Lesion ? null : change.Millimeters,
            change.Shape == ChangeShape.Constant ? null : change.Radius
        );
}

internal sealed record TrueLabel(int Label, string Name, TrueMorphometry Morphometry);

internal sealed record TrueMorphometry(
    IReadOnlyList<RegionMeasures> Regions,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? RegionsOmitted
);
