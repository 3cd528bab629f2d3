namespace KneeSeg.Data.Phantoms;

/// <summary>
/// One scan of a knee. The first is the knee as its seed draws it; in others it lies differently, with another effusion, coil
/// and noise, and its cartilage may have changed. All else stays.
/// </summary>
/// <param name="Seed">Which knee.</param>
/// <param name="Visit">0 for the baseline.</param>
/// <param name="Number">1 for the visit's first scan, 2 for its repetition.</param>
internal sealed record PhantomScan(long Seed, int Visit = 0, int Number = 1)
{
    // Draws of a scan are a stream of their own, so that those of the knee stay.
    private readonly ScanDraws? draws =
        (Visit, Number) == (0, 1) ? null : new(SplitMix64.At(Seed, Visit, Number));

    /// <summary>What the cartilage has lost since the first visit.</summary>
    public IReadOnlyList<CartilageChange> Changes { get; init; } = [];

    public bool IsFirst => draws is null;

    /// <summary>Such as <c>v1</c>, or <c>v1-s2</c> for a visit's second scan.</summary>
    public string Name => Number == 1 ? $"v{Visit}" : $"v{Visit}-s{Number}";

    /// <summary>How the knee is turned and moved against the first scan.</summary>
    public RigidMotion Motion => draws?.Motion ?? default;

    /// <summary>The anatomy of a knee as this scan finds it.</summary>
    public Anatomy Of(Anatomy first) =>
        draws is null
            ? first
            : first with
            {
                Pose = first.Pose.Moved(Motion),
                Effusion = draws.Effusion,
                Changes = Changes,
            };

    /// <summary>The scanner of this scan, instead of the first one's.</summary>
    public Scanner Of(Scanner first, ulong contrast) => draws?.Scanner(contrast) ?? first;

    private sealed class ScanDraws
    {
        private readonly SplitMix64 rest;

        public ScanDraws(SplitMix64 random)
        {
            Motion = RigidMotion.Draw(ref random);
            Effusion = random.Uniform();
            rest = random;
        }

        public RigidMotion Motion { get; }

        public double Effusion { get; }

        public Scanner Scanner(ulong contrast)
        {
            var random = rest;
            return Phantoms.Scanner.Draw(ref random, contrast);
        }
    }
}

/// <summary>How often knees are scanned, and what changes between visits.</summary>
/// <param name="Visits">How many visits, a year apart.</param>
/// <param name="Scans">How many scans of each visit.</param>
/// <param name="Thinning">What their cartilage loses.</param>
public sealed record PhantomVisits(int Visits, int Scans, PhantomThinning Thinning)
{
    /// <exception cref="ProblemException">A number is out of range, or nothing can change (exit 2).</exception>
    internal void Check()
    {
        if (Visits < 1 || Scans < 1)
            throw new ProblemException(
                ExitCode.Usage,
                $"{Visits} visits of {Scans} scans",
                "each knee needs at least one visit, and each visit one scan",
                "Choose at least 1 of each"
            );
        if (Visits == 1 && Thinning != PhantomThinning.None)
            throw new ProblemException(
                ExitCode.Usage,
                "thinning",
                "nothing changes at the first visit",
                "Choose 2 visits or more"
            );
    }

    /// <summary>The scans of a knee, by visit.</summary>
    internal IEnumerable<PhantomScan> Of(long seed) =>
        from visit in Enumerable.Range(0, Visits)
        from number in Enumerable.Range(1, Scans)
        select new PhantomScan(seed, visit, number)
        {
            Changes =
                visit == 0 ? [] : [.. Thinning.Of(seed).Select(change => change.After(visit))],
        };
}
