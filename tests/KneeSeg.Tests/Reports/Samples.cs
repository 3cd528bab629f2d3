using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Rendering;
using KneeSeg.Reports.Content;

namespace KneeSeg.Tests.Reports;

/// <summary>Small made-up knees and measures that reports are written about.</summary>
internal static class Samples
{
    public static readonly string[] Labels = ["background", "femoral cartilage", "patella | <b>"];

    /// <summary>Voxels of 1.5 mm in model space, 2.5 mm across the slices.</summary>
    public static Volume<T> Volume<T>(Size3 size, Func<int, int, int, T> value)
        where T : unmanaged
    {
        var voxels = new T[size.Count];
        for (var (z, at) = (0, 0); z < size.Z; z++)
        for (var y = 0; y < size.Y; y++)
        for (var x = 0; x < size.X; x++, at++)
            voxels[at] = value(x, y, z);
        return new(new(size, new(0, 0, 2.5, 0, -1.5, 0, 0, 0, 0, -1.5, 0, 0)), voxels);
    }

    /// <summary>A block of label 1 that the prediction has one voxel too far behind, on a ramp of gray.</summary>
    public static CaseVolumes Knee()
    {
        var size = new Size3(16, 12, 6);
        return new(
            Volume(size, (x, y, z) => (float)(10 * x + y + z)),
            Volume(size, (x, y, z) => Inside(x, y, z)),
            Volume(size, (x, y, z) => Inside(x - 1, y, z))
        );

        static byte Inside(int x, int y, int z) =>
            x is >= 4 and < 9 && y is >= 3 and < 8 && z is >= 2 and < 5 ? (byte)1 : (byte)0;
    }

    /// <summary>Two cases; the second one's patella was missed.</summary>
    public static EvaluationSummary Evaluation() =>
        EvaluationSummary.Of([
            new("good", [Label(1, 0.9), Label(2, 0.8)]),
            new("bad", [Label(1, 0.7), Label(2, 0) with { Missed = true, Assd = null }]),
        ]);

    /// <summary>The same, but the second one's patella was found elsewhere.</summary>
    public static EvaluationSummary Misplaced() =>
        EvaluationSummary.Of([
            new("good", [Label(1, 0.9), Label(2, 0.8)]),
            new("bad", [Label(1, 0.7), Label(2, 0)]),
        ]);

    private static LabelMetrics Label(int label, double dice) =>
        new(
            label,
            Labels[label],
            dice,
            dice / (2 - dice),
            1 - dice / (2 - dice),
            dice,
            dice,
            0.5,
            3,
            1.5,
            new(0.5, 0.8, 0.9),
            0.1,
            false,
            false
        )
        {
            Thickness = new(new(2.1, 2.0), new(2.1, 2.0), []),
        };

    public static RunContent Content() =>
        new(
            "vnet on <knees>",
            new("vnet", "a1b2", [32, 64, 64], 1234567, 27_600_000_000, [20, 40, 40], ""),
            "2 generated knees",
            null,
            Labels,
            [
                new(1, 20, 1.5, 1e-3, 10, new([0.2, 0.1], 0.15)),
                new(2, 40, 1.0, 9e-4, 10, null),
                new(3, 60, 0.8, 5e-4, 10, new([0.5, null], 0.5)),
            ],
            Evaluation(),
            [new("good", Knee), new("bad", Knee)],
            """{ "spec": "vnet", "recipe": { "epochs": 3, "patch": [32, 64, 64] } }"""
        );
}
