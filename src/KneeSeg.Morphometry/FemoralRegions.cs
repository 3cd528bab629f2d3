using KneeSeg.Imaging;

namespace KneeSeg.Morphometry;

/// <summary>
/// The regions of both condyles. The weight-bearing part runs from the front end of the intercondylar notch to 60 % of the
/// way to the posterior end of the condyle; along the condyle it is cut into external, central and internal thirds of equal
/// area. What lies before it and behind it are the anterior and the posterior region.
/// </summary>
internal sealed class FemoralRegions : PlateRegions
{
    /// <summary>The share of the way from the notch to the posterior end of a condyle that bears weight.</summary>
    public const double WeightBearing = 0.6;

    // The share of the width, in the middle, where the notch is looked for.
    private const double Middle = 0.5;

    // In mm: a notch is at least so deep, and a gap in the outline narrower than this is none.
    private const double LeastDepth = 5;
    private const double Gap = 2;

    private readonly Plate plate;
    private readonly double border;
    private readonly double notch;
    private readonly int medialSide;
    private readonly Condyle medial;
    private readonly Condyle lateral;

    private FemoralRegions(
        Plate plate,
        PlateCell[] cells,
        (double U, double Y) notch,
        int medialSide
    )
    {
        (this.plate, this.medialSide) = (plate, medialSide);
        (border, this.notch) = notch;
        Condyle Of(bool isMedial) =>
            new(
                [.. cells.Where(cell => IsMedial(cell.At.U) == isMedial)],
                notch.Y,
                isMedial ? medialSide : -medialSide
            );
        (medial, lateral) = (Of(true), Of(false));
    }

    public override IReadOnlyList<string> Names => AllNames;

    /// <summary>The names of both condyles' regions.</summary>
    public static IReadOnlyList<string> AllNames { get; } =
    ["ecMF", "ccMF", "icMF", "aMF", "pMF", "ecLF", "ccLF", "icLF", "aLF", "pLF"];

    /// <summary>The names of a condyle's weight-bearing thirds, from outside to inside.</summary>
    /// <param name="code"><c>MF</c> or <c>LF</c>.</param>
    public static string[] Thirds(string code) => [$"ec{code}", $"cc{code}", $"ic{code}"];

    /// <summary>Divides a plate.</summary>
    /// <returns>Null if it has no notch.</returns>
    public static FemoralRegions? Divide(Plate plate, Plate medial, Plate lateral)
    {
        var cells = Bone(plate);
        var side = Math.Sign(plate.At(medial.Center).U - plate.At(lateral.Center).U);
        return side != 0 && Notch(cells) is { } notch ? new(plate, cells, notch, side) : null;
    }

    public override int At(Point3 point)
    {
        var at = plate.At(point);
        var isMedial = IsMedial(at.U);
        return (isMedial ? 0 : 5) + (isMedial ? medial : lateral).At(point, at, notch);
    }

    private bool IsMedial(double u) => (u - border) * medialSide > 0;

    // The front end of the notch: of the posterior ends of the middle columns, the most anterior.
    private static (double U, double Y)? Notch(PlateCell[] cells)
    {
        var ends = cells
            .GroupBy(cell => cell.Place.Column)
            .OrderBy(column => column.Key)
            .Select(column => column.MaxBy(cell => cell.Place.Row))
            .ToArray();
        if (ends.Length < 3)
            return null;
        var width = ends[^1].At.U - ends[0].At.U;
        var center = (ends[^1].At.U + ends[0].At.U) / 2;
        var even = ends.Select(end =>
                (
                    end.At.U,
                    end.Position.Y,
                    V: Median(
                        ends.Where(other => Math.Abs(other.At.U - end.At.U) <= Gap / 2)
                            .Select(other => other.At.V)
                    )
                )
            )
            .ToArray();
        var middle = even.Where(end => Math.Abs(end.U - center) <= Middle * width / 2).ToArray();
        var front = middle.Min(end => end.V);
        // Several columns may end there.
        var apex = middle.Where(end => end.V == front).ToArray();
        var border = apex.Average(end => end.U);
        bool IsDeep(Func<double, bool> side) =>
            even.Where(end => side(end.U)).Select(end => end.V).DefaultIfEmpty(front).Max()
            > front + LeastDepth;
        return IsDeep(u => u < border) && IsDeep(u => u > border)
            ? (border, apex.Average(end => end.Y))
            : null;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    /// <summary>One condyle.</summary>
    private sealed class Condyle
    {
        private readonly double turn;
        private readonly double back;
        private readonly int outwards;
        private readonly (double Start, double Slope) axis;
        private readonly (double Inner, double Outer) thirds;

        /// <summary>Divides a condyle.</summary>
        /// <param name="cells">Its cells.</param>
        /// <param name="notch">How far in front the notch ends, in mm.</param>
        /// <param name="outwards">Which sign of u is away from the other condyle.</param>
        public Condyle(PlateCell[] cells, double notch, int outwards)
        {
            this.outwards = outwards;
            var posterior = cells.MinBy(cell => cell.Position.Y);
            turn = posterior.At.V;
            back = notch - WeightBearing * (notch - posterior.Position.Y);
            var bearing = cells
                .Where(cell => !IsBefore(cell.Position, cell.At, notch))
                .Where(cell => !IsBehind(cell.Position, cell.At))
                .ToArray();
            if (bearing is [])
                return;
            // The direction of the condyle: how u changes with v.
            var area = bearing.Sum(cell => cell.Total);
            double Mean(Func<PlateCell, double> of) =>
                bearing.Sum(cell => cell.Total * of(cell)) / area;
            var (u, v) = (Mean(cell => cell.At.U), Mean(cell => cell.At.V));
            var spread = Mean(cell => (cell.At.V - v) * (cell.At.V - v));
            var slope = spread > 0 ? Mean(cell => (cell.At.U - u) * (cell.At.V - v)) / spread : 0;
            axis = (u - slope * v, slope);
            double Third(double share) => Quantile(bearing, cell => Outwards(cell.At), share);
            thirds = (Third(1 / 3.0), Third(2 / 3.0));
        }

        /// <summary>The number of a point's region: external, central, internal, anterior, posterior.</summary>
        public int At(Point3 point, (double U, double V) at, double notch) =>
            IsBefore(point, at, notch) ? 3
            : IsBehind(point, at) ? 4
            : Outwards(at) > thirds.Outer ? 0
            : Outwards(at) > thirds.Inner ? 1
            : 2;

        // The condyle curls back: what is behind its most posterior place is posterior, however far in front.
        private bool IsBefore(Point3 point, (double U, double V) at, double notch) =>
            point.Y > notch && at.V < turn;

        private bool IsBehind(Point3 point, (double U, double V) at) =>
            point.Y < back || at.V >= turn;

        private double Outwards((double U, double V) at) =>
            outwards * (at.U - axis.Start - axis.Slope * at.V);
    }
}
