using System.Numerics;
using KneeSeg.Data.Datasets;
using KneeSeg.Morphometry;

namespace KneeSeg.Data.Phantoms;

/// <summary>
/// The exact measures of a phantom's cartilage plates. Left knees are measured in their mirror, so that a mirrored knee
/// measures the same.
/// </summary>
internal sealed class KneeTruth
{
    private const float Cell = .3f;

    private readonly Anatomy anatomy;
    private readonly Vector3 mirror;
    private readonly (byte Label, string Name, ExactPlate Plate)[] plates;

    // Of each plate, as the first visit has them.
    private readonly (PlateRegions?, string?)[] regions;

    /// <summary>Finds the bone of plates.</summary>
    /// <param name="seed">Which knee.</param>
    /// <param name="cartilages">Which of its cartilages.</param>
    public KneeTruth(long seed, IEnumerable<(byte Label, string Name)> cartilages)
    {
        anatomy = Phantom.AnatomyOf(seed);
        mirror = new(1, 1, anatomy.Pose.Side == KneeSide.Left ? -1 : 1);
        plates =
        [
            .. cartilages.Select(one =>
                (
                    one.Label,
                    one.Name,
                    new ExactPlate(
                        Rays(one.Label),
                        place => anatomy.BoneOf(one.Label, mirror * place),
                        place => anatomy.IsOverPlate(one.Label, mirror * place)
                    )
                )
            ),
        ];
        Plate[] bare = [.. plates.Select(one => Known(one.Name, one.Plate.Bare))];
        Plate? Having(byte label) =>
            Array.FindIndex(plates, plate => plate.Label == label) is >= 0 and var at
                ? bare[at]
                : null;
        var (medial, lateral) = (
            Having(PhantomLabel.MedialTibialCartilage),
            Having(PhantomLabel.LateralTibialCartilage)
        );
        regions = Array.ConvertAll(bare, plate => PlateRegions.Of(plate, medial, lateral));
    }

    /// <summary>Measures the plates at a visit.</summary>
    /// <param name="changes">What its cartilages have lost.</param>
    /// <returns>Each plate with its regions, and what consists of several plates' regions.</returns>
    public (IReadOnlyList<PlateMorphometry> Plates, IReadOnlyList<RegionMeasures> Composites) At(
        IReadOnlyList<CartilageChange> changes
    )
    {
        var changed = anatomy with { Changes = changes };
        Plate[] measured =
        [
            .. plates.Zip(
                regions,
                (one, division) =>
                    Known(
                            one.Name,
                            one.Plate.Measure(place =>
                                changed.At(mirror * place).Label == one.Label
                            )
                        )
                        .Divided(division)
            ),
        ];
        return ([.. measured.Select(plate => plate.Measure())], Compartment.Of(measured));
    }

    private static Plate Known(string name, IReadOnlyList<CartilageElement> elements) =>
        Plate.Of(
            name,
            [.. elements.Select(element => element.Cell)],
            [.. elements.Select(element => element.Volume)]
        );

    private RayGrid Rays(byte label)
    {
        switch (label)
        {
            case PhantomLabel.FemoralCartilage:
                Vector3 Femur(float x, float y, float z) =>
                    mirror * anatomy.Pose.FromFemur(new(x, y, z));
                var center = Femur(2, -21, 0);
                var axis = Vector3.Normalize(Femur(2, -21, -1) - center);
                return new RadialRays(
                    center,
                    axis,
                    Across(Femur(1, -21, 0) - center, axis),
                    (-1.35f, 3.65f),
                    38,
                    52,
                    Cell
                );
            case PhantomLabel.PatellarCartilage:
                return Parallel(
                    anatomy.Patella.Center + new Vector3(20, 0, 0),
                    -Vector3.UnitX,
                    new(25, 25)
                );
            default:
                var plate = PlatePlace.All.First(place => place.Label == label);
                var middle = anatomy.MiddleOf(plate);
                return Parallel(new(middle.X + 5, -12, middle.Y), Vector3.UnitY, new(28, 20));
        }
    }

    // From a place of the knee along one of its axes.
    private ParallelRays Parallel(Vector3 start, Vector3 direction, Vector2 half)
    {
        Vector3 From(Vector3 knee) => mirror * anatomy.Pose.FromKnee(knee);
        var from = From(start);
        var into = Vector3.Normalize(From(start + direction) - from);
        var along = direction == Vector3.UnitY ? Vector3.UnitX : Vector3.UnitY;
        return new(from, into, Across(From(start + along) - from, into), half, 32, Cell);
    }

    private static Vector3 Across(Vector3 direction, Vector3 axis) =>
        Vector3.Normalize(direction - Vector3.Dot(direction, axis) * axis);
}
