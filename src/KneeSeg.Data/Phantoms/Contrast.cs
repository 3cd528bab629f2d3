using System.Numerics;

namespace KneeSeg.Data.Phantoms;

/// <summary>
/// The signal at each position before the scanner's blur and noise: the tissue's mean with its texture. Structures are
/// tested innermost first; fields are evaluated only where needed.
/// </summary>
internal sealed class Contrast
{
    private static readonly Vector3 AlongMuscle = new(2.5f, .25f, 2.5f);

    private readonly Anatomy anatomy;
    private readonly SoftTissue soft;
    private readonly Ligaments ligaments;
    private readonly Signals signal;
    private readonly SmoothField grain;
    private readonly SmoothField mottle;
    private readonly SmoothField fibers;
    private readonly SmoothField septa;
    private readonly Vessel[] vessels;
    private readonly SmoothField strands;
    private readonly SmoothField tears;
    private readonly SmoothField lesions;

    private Contrast(ref SplitMix64 random, Anatomy anatomy, PhantomContrast weighting)
    {
        this.anatomy = anatomy;
        soft = new SoftTissue(anatomy);
        ligaments = new Ligaments(anatomy.Patella);
        signal = Signals.Draw(ref random).Weighted(weighting);
        grain = SmoothField.Draw(ref random, 3.2, 14);
        mottle = SmoothField.Draw(ref random, 9, 10);
        fibers = SmoothField.Draw(ref random, 6, 10);
        septa = SmoothField.Draw(ref random, 24, 8);
        vessels = new Vessel[4];
        foreach (ref var vessel in vessels.AsSpan())
            vessel = Vessel.Draw(ref random);
        strands = SmoothField.Draw(ref random, 13, 8);
        tears = SmoothField.Draw(ref random, 10, 8);
        lesions = SmoothField.Draw(ref random, 26, 8);
    }

    /// <summary>Draws a subject's signals and textures.</summary>
    public static Contrast Draw(
        ref SplitMix64 random,
        Anatomy anatomy,
        PhantomContrast weighting
    ) => new(ref random, anatomy, weighting);

    /// <summary>The signal at a place, about 1 in fluid.</summary>
    public float At(in Site site) => Math.Max(0, Tissues(site));

    private float Tissues(in Site site)
    {
        var place = site.Place;
        if (site.IsAir)
            return Signals.Air;
        if (site.IsBone)
            return Bone(site);
        if (site.Label is PhantomLabel.LateralMeniscus or PhantomLabel.MedialMeniscus)
            return Math.Abs(tears.At(place)) < .055f
                ? signal.Synovium
                : signal.Meniscus * (1 + .12f * grain.At(place));
        if (site.Label != 0)
            return Cartilage(site);
        if (site.IsWorn)
            return Fluid(place);
        var ligament = ligaments.Intensity(place);
        if (ligament > 0)
            return signal.Tendon * ligament * (1 + .25f * fibers.At(place * AlongMuscle));
        if (soft.IsFluid(site))
            return Fluid(place);
        if (soft.IsCapsule(site))
            return signal.Synovium * (1 + .25f * mottle.At(place));
        return Surroundings(site);
    }

    private float Fluid(Vector3 place) => signal.Fluid * (1 + .05f * mottle.At(place));

    private float Bone(in Site site)
    {
        var place = site.Place;
        var (inFemur, inTibia) = (site.Femur <= 0, site.Tibia <= 0);
        var physis =
            inFemur ? place.Y + 41 + .5f * site.Fine
            : inTibia ? place.Y - 19 + .5f * site.Fine
            : float.PositiveInfinity;
        if (Math.Abs(physis) < .45f)
            return .6f * signal.Marrow;
        var inside =
            inFemur ? site.Femur
            : inTibia ? site.Tibia
            : site.Patella;
        var cortex =
            inFemur && place.Y < -46 ? 2.6f
            : inTibia && place.Y > 24 ? 2.4f
            : .75f;
        var (grainHere, mottleHere) = (grain.At(place), mottle.At(place));
        if (inside > -(cortex + .15f * mottleHere))
            return signal.Cortex * (1 + .2f * grainHere);
        var lesion = 1 + 1.3f * Math.Clamp(lesions.At(place) - 1.75f, 0, .9f);
        return signal.Marrow * (1 + .15f * grainHere + .10f * mottleHere) * lesion;
    }

    // Brighter from bone to joint, as its water content and T2 rise.
    private float Cartilage(in Site site) =>
        signal.Cartilage
        * (.74f + .42f * anatomy.CartilageLayer(site))
        * (1 + .09f * site.Fine + .06f * mottle.At(site.Place) + .05f * grain.At(site.Place));

    private float Surroundings(in Site site)
    {
        var place = site.Place;
        if (SoftTissue.IsFatPad(site))
            return Math.Abs(strands.At(place)) < .09f
                ? .9f * signal.Synovium
                : signal.FatPad * (1 + .16f * mottle.At(place) + .05f * grain.At(place));
        for (var i = vessels.Length - 1; i >= 0; i--)
            if (vessels[i].Contains(place))
                return vessels[i].Intensity;
        if (SoftTissue.IsMuscle(site))
            return Math.Abs(septa.At(place)) < .10f
                ? signal.Fat
                : signal.Muscle
                    * (1 + .13f * fibers.At(place * AlongMuscle) + .06f * mottle.At(place));
        return site.Limb < 0
            ? signal.Fat * (1 + .10f * mottle.At(place) + .07f * grain.At(place))
            : Signals.Air;
    }
}

/// <summary>
/// The signal of each tissue in a DESS image with water excitation, where fluid is about 1: fat and
/// marrow are dark, cartilage is gray, and menisci, tendons and cortex are nearly black.
/// </summary>
internal readonly record struct Signals(
    float Fluid,
    float Cartilage,
    float Muscle,
    float Marrow,
    float Fat,
    float FatPad,
    float Meniscus,
    float Tendon,
    float Cortex,
    float Synovium
)
{
    public const float Air = .012f;

    public static Signals Draw(ref SplitMix64 random) =>
        new(
            Around(1, .06, ref random),
            Around(.60, .06, ref random),
            Around(.44, .06, ref random),
            Around(.235, .06, ref random),
            Around(.27, .06, ref random),
            Around(.30, .06, ref random),
            Around(.20, .06, ref random),
            Around(.13, .06, ref random),
            Around(.07, .06, ref random),
            Around(.52, .10, ref random)
        );

    /// <summary>The signals of the same tissues in another contrast.</summary>
    public Signals Weighted(PhantomContrast weighting) =>
        weighting switch
        {
            PhantomContrast.T2 => this with
            {
                Cartilage = .45f * Cartilage,
                Muscle = .35f * Muscle,
                Marrow = .55f * Marrow,
                Fat = .6f * Fat,
                FatPad = .6f * FatPad,
                Meniscus = .35f * Meniscus,
                Tendon = .35f * Tendon,
                Synovium = .7f * Synovium,
            },
            PhantomContrast.T1 => this with
            {
                Fluid = .3f * Fluid,
                Cartilage = .85f * Cartilage,
                Marrow = 3.6f * Marrow,
                Fat = 3.7f * Fat,
                FatPad = 3.2f * FatPad,
                Synovium = .8f * Synovium,
            },
            _ => this,
        };

    private static float Around(double middle, double deviation, ref SplitMix64 random) =>
        (float)(middle * (1 + deviation * random.Gaussian()));
}
