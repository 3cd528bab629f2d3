using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;

namespace KneeSeg.Morphometry;

/// <summary>The cartilage plates of a label volume.</summary>
public sealed class Knee
{
    // In mm: so far from a plate its bone's face is looked for.
    private const double BoneMargin = 4;

    private readonly IReadOnlyDictionary<int, Plate> plates;
    private readonly IReadOnlyList<string> names;

    private Knee(IReadOnlyDictionary<int, Plate> plates, IReadOnlyList<string> names) =>
        (this.plates, this.names) = (plates, names);

    /// <summary>The plates by label.</summary>
    public IEnumerable<(int Label, Plate Plate)> Plates =>
        plates.OrderBy(one => one.Key).Select(one => (one.Key, one.Value));

    /// <summary>The plate of a label; null for what is no cartilage plate or absent.</summary>
    public Plate? this[int label] => plates.GetValueOrDefault(label);

    /// <summary>Finds and measures the plates of a label volume.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="names">The names by label, the background's first.</param>
    public static Knee Of(Volume<byte> labels, IReadOnlyList<string> names)
    {
        var plates = Each(
            names.Index().Where(one => PlateChart.IsPlate(one.Item)).Select(one => one.Index),
            label =>
                Cut(labels, names, label) is var (mask, bone)
                    ? Plate.Of(names[label], mask, bone)
                    : null
        );
        var (medial, lateral) = new Knee(plates, names).Tibial();
        return new(
            Each(
                plates.Keys,
                label => plates[label].Divided(PlateRegions.Of(plates[label], medial, lateral))
            ),
            names
        );
    }

    /// <summary>Measures another segmentation of the same knee at the same cells.</summary>
    /// <param name="other">The labels, on any grid in the same space.</param>
    public Knee Again(Volume<byte> other) =>
        new(
            Each(
                plates.Keys,
                label =>
                    Cut(other, names, label) is var (mask, bone)
                        ? plates[label].Again(mask, bone)
                        : plates[label].Again(null)
            ),
            names
        );

    /// <summary>
    /// Measures another visit of the same knee over this one's total area of bone and in its regions. Each bone is brought
    /// onto its place by the rigid motion of its cartilage's bone interface.
    /// </summary>
    /// <param name="visit">The visit's labels, on any grid.</param>
    public Knee Later(Volume<byte> visit)
    {
        var own = Of(visit, names);
        var guess = Guess(own);
        var motions = plates
            .Where(plate => own[plate.Key] is not null)
            .GroupBy(plate => PlateChart.BoneOf(plate.Value.Name)!)
            .ToDictionary(
                bone => bone.Key,
                bone => Motion([.. bone.Select(one => (one.Value, own[one.Key]!))], guess)
            );
        return new(
            Each(
                plates.Keys.Where(label => own[label] is not null),
                label =>
                    Cut(visit, names, label) is var (mask, bone)
                    && motions[PlateChart.BoneOf(names[label])!] is var motion
                        ? plates[label].Later(mask.Moved(motion), bone?.Moved(motion), motion)
                        : null
            ),
            names
        );
    }

    // The turn of the knee as its two tibial plates lie; none if they are not known.
    private Affine Guess(Knee own)
    {
        Frame? Of(Knee knee) =>
            knee.Tibial() is ({ } medial, { } lateral)
                ? Frame.At(
                    0.5 * (medial.Center + lateral.Center),
                    medial.MeanNormal() + lateral.MeanNormal(),
                    medial.Center - lateral.Center
                )
                : null;
        return Of(own) is { } from && Of(this) is { } onto
            ? RigidRegistration.Between(from, onto)
            : Affine.Identity;
    }

    private static Affine Motion((Plate Baseline, Plate Visit)[] pairs, Affine guess)
    {
        static Point3 Middle(IEnumerable<Plate> plates) =>
            1.0
            / plates.Count()
            * plates.Aggregate(default(Point3), (sum, one) => sum + one.Center);
        var from = guess.Apply(Middle(pairs.Select(pair => pair.Visit)));
        var shift = Middle(pairs.Select(pair => pair.Baseline)) - from;
        return RigidRegistration.Of(
            [
                .. pairs
                    .SelectMany(pair => pair.Visit.Cells)
                    .Where(cell => cell.Total > 0 && IsSample(cell.Place))
                    .Select(cell => cell.Position),
            ],
            [
                .. pairs
                    .SelectMany(pair => pair.Baseline.Cells)
                    .Where(cell => cell.Total > 0)
                    .Select(cell => (cell.Position, cell.Normal)),
            ],
            guess.WithOrigin(guess.Origin + shift)
        );
    }

    // About a point per mm² is enough.
    private static bool IsSample((int Column, int Row) place) =>
        place.Column % 3 == 0 && place.Row % 3 == 0;

    private (Plate? Medial, Plate? Lateral) Tibial()
    {
        Plate? Of(string side) =>
            plates.Values.FirstOrDefault(plate =>
                PlateChart.BoneOf(plate.Name) == "tibia"
                && plate.Name.Contains(side, StringComparison.OrdinalIgnoreCase)
            );
        return (Of("medial"), Of("lateral"));
    }

    /// <summary>A plate's morphometry; null for what is no cartilage plate or absent.</summary>
    public PlateMorphometry? Measure(int label) => this[label]?.Measure();

    /// <summary>The compartments and weight-bearing parts that sums of the plates' measures describe.</summary>
    public IReadOnlyList<RegionMeasures> Composites() => Compartment.Of(plates.Values);

    private static Dictionary<int, Plate> Each(IEnumerable<int> labels, Func<int, Plate?> measure)
    {
        var plates = new Dictionary<int, Plate>();
        foreach (var label in labels)
            if (measure(label) is { } plate)
                plates.Add(label, plate);
        return plates;
    }

    private static (SubvoxelMask Mask, SubvoxelMask? Bone)? Cut(
        Volume<byte> labels,
        IReadOnlyList<string> names,
        int label
    )
    {
        var box = VoxelBox.Around(labels, (byte)label);
        if (box.IsEmpty)
            return null;
        SubvoxelMask Of(int one, VoxelBox cut) => SubvoxelMask.Of(labels, [one], cut);
        var bone = names
            .Index()
            .FirstOrDefault(one =>
                one.Item.Equals(PlateChart.BoneOf(names[label]), StringComparison.OrdinalIgnoreCase)
            )
            .Index;
        var margin = (int)Math.Ceiling(BoneMargin / labels.Grid.Spacing.Smallest);
        var around = box.Widened(bone > 0 ? margin : 1, labels.Grid.Size);
        return (Of(label, around), bone > 0 ? Of(bone, around) : null);
    }
}
