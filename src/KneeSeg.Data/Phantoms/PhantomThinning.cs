using System.Globalization;

namespace KneeSeg.Data.Phantoms;

/// <summary>How the cartilage of phantoms changes from visit to visit.</summary>
public sealed class PhantomThinning
{
    // A lesion whose radius is not said, mm.
    private const double LesionRadius = 5;

    private const string Remedy =
        "Write a loss in mm from visit to visit, such as 0.1 of all cartilage, MT=0.1,ccMF=0.3,pLT=-0.2, or cMT=lesion:5 "
        + "for a full-thickness lesion of that radius; or mixed";

    private static readonly PlatePlace[] Plates = [.. PlatePlace.All.Where(p => p.IsPlate)];

    private readonly IReadOnlyList<CartilageChange>? changes;

    private PhantomThinning(IReadOnlyList<CartilageChange>? changes) => this.changes = changes;

    /// <summary>No change.</summary>
    public static PhantomThinning None { get; } = new([]);

    /// <summary>Reads a change.</summary>
    /// <param name="text">
    /// Losses from visit to visit in mm, negative for growth: <c>0.1</c> of all cartilage; <c>MT=0.1</c> of a plate (MT, LT,
    /// F or P); <c>cMT=0.3</c> at the middle of a subregion, less around it; <c>cMT=lesion:5</c> for full thickness within 5
    /// mm; several with commas between. Or <c>mixed</c>, for one that is drawn for each knee.
    /// </param>
    /// <exception cref="ProblemException">It is none (exit 2).</exception>
    public static PhantomThinning Parse(string text) =>
        text == "mixed" ? new(null)
        : Number(text) is { } everywhere
            ? new([.. Plates.Select(plate => CartilageChange.Constant(plate, everywhere))])
        : new([.. text.Split(',', StringSplitOptions.TrimEntries).Select(One)]);

    /// <summary>What the knee of a seed loses from visit to visit.</summary>
    internal IReadOnlyList<CartilageChange> Of(long seed) => changes ?? Mixed(seed);

    private static CartilageChange One(string text)
    {
        if (text.Split('=') is not [var name, var change])
            throw Problem(text, "is no change of cartilage");
        var place =
            PlatePlace.All.FirstOrDefault(place => place.Name == name)
            ?? throw Problem(
                text,
                $"no plate or subregion is named {name}; there are "
                    + string.Join(", ", PlatePlace.All.Select(place => place.Name))
            );
        if (change == "lesion")
            return CartilageChange.Lesion(place, LesionRadius);
        if (change.StartsWith("lesion:", StringComparison.Ordinal))
            return Number(change[7..]) is { } radius and > 0
                ? CartilageChange.Lesion(place, radius)
                : throw Problem(text, "the lesion's radius is not a positive number of mm");
        if (Number(change) is not { } loss)
            throw Problem(text, $"{change} is neither a number of mm nor a lesion");
        return place.IsPlate
            ? CartilageChange.Constant(place, loss)
            : CartilageChange.Smooth(place, loss);
    }

    // Thinning of a plate or at a subregion, a lesion, or growth, one knee in four each.
    private static CartilageChange[] Mixed(long seed)
    {
        var random = SplitMix64.At(seed, 21);
        PlatePlace[] tibiofemoral =
        [
            .. PlatePlace.All.Where(place => place.Label != PhantomLabel.PatellarCartilage),
        ];
        PlatePlace[] subregions = [.. tibiofemoral.Where(place => !place.IsPlate)];
        PlatePlace[] central = [.. subregions.Where(place => place.Name[0] == 'c')];
        var amount = random.Uniform();
        return random.Below(4) switch
        {
            0 => [.. Plates.Select(plate => CartilageChange.Constant(plate, .05 + .25 * amount))],
            1 =>
            [
                CartilageChange.Smooth(
                    subregions[random.Below(subregions.Length)],
                    .2 + .8 * amount
                ),
                CartilageChange.Smooth(
                    subregions[random.Below(subregions.Length)],
                    .2 + .8 * amount
                ),
            ],
            2 => [CartilageChange.Lesion(central[random.Below(central.Length)], 3 + 5 * amount)],
            _ => [.. Plates.Select(plate => CartilageChange.Constant(plate, -.15 * amount))],
        };
    }

    private static double? Number(string text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out var number)
        && Math.Abs(number) <= 10
            ? number
            : null;

    private static ProblemException Problem(string text, string reason) =>
        new(ExitCode.Usage, $"thinning \"{text}\"", reason, Remedy);
}
