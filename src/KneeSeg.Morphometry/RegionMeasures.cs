using System.Text.Json.Serialization;

namespace KneeSeg.Morphometry;

/// <summary>
/// What is measured of a plate or a region of it. The names in JSON are those of Eckstein et al. (2006). Undefined values
/// are null.
/// </summary>
/// <param name="Region">Its name; <c>whole</c> for the plate.</param>
/// <param name="TotalArea">tAB: the total area of subchondral bone in mm², covered and denuded.</param>
/// <param name="CoveredArea">cAB: the area of bone covered with cartilage, in mm².</param>
/// <param name="DenudedArea">dAB: the area of denuded bone, in mm².</param>
/// <param name="DenudedPercent">dABp: the denuded area as a percentage of the total one.</param>
/// <param name="Volume">VC: the volume of its voxels in mm³.</param>
/// <param name="VolumeByArea">VCtAB: the volume by the total area, in mm.</param>
/// <param name="Thickness">ThCtAB: the mean thickness over the total area in mm; denuded bone counts as 0.</param>
/// <param name="CoveredThickness">ThCcAB: the mean thickness over the covered area in mm.</param>
/// <param name="Sd">SD: the standard deviation of the thickness over the total area, in mm.</param>
/// <param name="Thickest">Mav: the mean of the thickest 1 % of the total area, in mm.</param>
/// <param name="Thinnest">Miv: the mean of the thinnest 1 % of the total area, in mm.</param>
public sealed record RegionMeasures(
    string Region,
    [property: JsonPropertyName("tAB")] double TotalArea,
    [property: JsonPropertyName("cAB")] double CoveredArea,
    [property: JsonPropertyName("dAB")] double DenudedArea,
    [property: JsonPropertyName("dABp")] double? DenudedPercent,
    [property: JsonPropertyName("VC")] double Volume,
    [property: JsonPropertyName("VCtAB")] double? VolumeByArea,
    [property: JsonPropertyName("ThCtAB")] double? Thickness,
    [property: JsonPropertyName("ThCcAB")] double? CoveredThickness,
    [property: JsonPropertyName("SD")] double? Sd,
    [property: JsonPropertyName("Mav")] double? Thickest,
    [property: JsonPropertyName("Miv")] double? Thinnest
)
{
    // The share of the area whose mean is an extreme.
    private const double Extreme = 0.01;

    // Sums in another order differ by less.
    private const double Rounding = 1e-12;

    /// <summary>Measures a region.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cells">Its cells.</param>
    /// <param name="volume">The volume of its voxels in mm³.</param>
    internal static RegionMeasures Of(string name, IReadOnlyList<PlateCell> cells, double volume)
    {
        var total = cells.Sum(cell => cell.Total) + Math.Max(0, cells.Sum(cell => cell.Beyond));
        // Rims of cartilage thinner than a voxel may count for more than what is bare beside them.
        var covered = cells.Sum(cell => cell.Covered);
        if (covered > (1 - Rounding) * total)
            covered = total;
        return Of(name, cells, volume, total, covered);
    }

    /// <summary>Measures what consists of regions, with exactly their areas.</summary>
    internal static RegionMeasures Of(
        string name,
        IReadOnlyList<PlateCell> cells,
        IReadOnlyList<RegionMeasures> parts
    ) =>
        Of(
            name,
            cells,
            parts.Sum(part => part.Volume),
            parts.Sum(part => part.TotalArea),
            parts.Sum(part => part.CoveredArea)
        );

    /// <summary>The sum of a tibial and a femoral region, as compartments are measured.</summary>
    internal static RegionMeasures Sum(string name, RegionMeasures tibia, RegionMeasures femur) =>
        new(
            name,
            tibia.TotalArea + femur.TotalArea,
            tibia.CoveredArea + femur.CoveredArea,
            tibia.DenudedArea + femur.DenudedArea,
            100 * (tibia.DenudedArea + femur.DenudedArea) / (tibia.TotalArea + femur.TotalArea),
            tibia.Volume + femur.Volume,
            tibia.VolumeByArea + femur.VolumeByArea,
            tibia.Thickness + femur.Thickness,
            tibia.CoveredThickness + femur.CoveredThickness,
            Sd: null,
            tibia.Thickest + femur.Thickest,
            Thinnest: null
        );

    private static RegionMeasures Of(
        string name,
        IReadOnlyList<PlateCell> cells,
        double volume,
        double total,
        double covered
    )
    {
        double? By(double value, double area) => area > 0 ? value / area : null;
        var sum = cells.Sum(cell => cell.Area * cell.Thickness);
        var spread = new Spread(cells, total);
        return new(
            name,
            total,
            covered,
            total - covered,
            By(100 * (total - covered), total),
            volume,
            By(volume, total),
            By(sum, total),
            By(sum, covered),
            spread.Sd,
            spread.Mean(Extreme, fromTop: true),
            spread.Mean(Extreme, fromTop: false)
        );
    }

    // Of thickness over the total area, of which the cells leave the denuded rest.
    private sealed class Spread
    {
        private readonly (double Thickness, double Area)[] sorted;
        private readonly double area;

        public Spread(IReadOnlyList<PlateCell> cells, double total)
        {
            var covered = cells.Where(cell => cell.Covered > 0).ToArray();
            var bare = Math.Max(0, total - covered.Sum(cell => cell.Covered));
            sorted =
            [
                .. covered
                    .Select(cell => (cell.Smoothed, cell.Covered))
                    .Append((0, bare))
                    .OrderBy(one => one.Item1),
            ];
            area = sorted.Sum(one => one.Area);
        }

        public double? Sd
        {
            get
            {
                if (area == 0)
                    return null;
                var mean = sorted.Sum(one => one.Area * one.Thickness) / area;
                return Math.Sqrt(
                    sorted.Sum(one => one.Area * (one.Thickness - mean) * (one.Thickness - mean))
                        / area
                );
            }
        }

        public double? Mean(double share, bool fromTop)
        {
            if (area == 0)
                return null;
            var (rest, sum) = (share * area, 0.0);
            foreach (var (thickness, of) in fromTop ? sorted.Reverse() : sorted)
            {
                var part = Math.Min(rest, of);
                (rest, sum) = (rest - part, sum + part * thickness);
                if (rest <= 0)
                    break;
            }
            return sum / (share * area);
        }
    }
}
