namespace KneeSeg.Morphometry;

/// <summary>
/// A map of values smoothed by the quadratic that fits best around each cell, by least squares weighted with a Gaussian:
/// normalized convolution (Knutsson and Westin 1993), in which all sums are separable.
/// </summary>
internal static class LocalQuadratic
{
    // 1, x, y, x², xy, y²: which powers of x and y each term has.
    private static readonly (int X, int Y)[] Terms =
    [
        (0, 0),
        (1, 0),
        (0, 1),
        (2, 0),
        (1, 1),
        (0, 2),
    ];

    // The powers of x that occur in products of two terms, and in terms.
    private const int Powers = 5;
    private const int ValuePowers = 3;

    // What is summed around a cell: moments of the weights up to the fourth order, then the values times each term. Each is
    // a sum along rows times a power of y.
    private static readonly (int Row, int Y)[] Sums =
    [
        .. from x in Enumerable.Range(0, Powers)
        from y in Enumerable.Range(0, Powers - x)
        select (x, y),
        .. from term in Terms select (Powers + term.X, term.Y),
    ];

    private static readonly int Moments = Sums.Length - Terms.Length;

    // The moment of the product of two terms.
    private static readonly int[,] Products = Product();

    // Small enough not to bias a fit, large enough to regularize cells in a line.
    private const double Ridge = 1e-5;

    /// <summary>Fits cells that have something around them.</summary>
    /// <param name="map">The values, row by row.</param>
    /// <param name="counts">Which values are fitted; the others are not looked at.</param>
    /// <param name="at">Which cells are wanted.</param>
    /// <param name="width">Cells of a row.</param>
    /// <param name="support">How many cells the Gaussian reaches; its deviation is half of that.</param>
    /// <returns>Values and slopes by cell; NaN where nothing is around or wanted.</returns>
    public static (double Value, double SlopeX, double SlopeY)[] Fit(
        double[] map,
        bool[] counts,
        bool[] at,
        int width,
        double support
    )
    {
        var reach = Math.Max(1, (int)Math.Ceiling(support));
        var level = Average(map, counts);
        var kernels = Enumerable
            .Range(0, Powers)
            .Select(power => Kernel(power, reach, support))
            .ToArray();
        var rows = Rows(map, counts, width, level, kernels);
        var fit = new (double, double, double)[map.Length];
        Parallel.For(
            0,
            map.Length / width,
            row =>
            {
                var (sums, matrix, side) = (
                    new double[Sums.Length],
                    new double[6, 6],
                    new double[6]
                );
                for (var i = row * width; i < (row + 1) * width; i++)
                {
                    fit[i] = (double.NaN, double.NaN, double.NaN);
                    if (!at[i])
                        continue;
                    Sum(rows, kernels, i, width, sums);
                    var total = sums[0];
                    if (total < 1e-9)
                        continue;
                    for (var a = 0; a < 6; a++)
                    {
                        for (var b = 0; b <= a; b++)
                            matrix[a, b] = sums[Products[a, b]];
                        if (a > 0)
                            matrix[a, a] += Ridge * total;
                        side[a] = sums[Moments + a];
                    }
                    Cholesky.Solve(matrix, side);
                    fit[i] = (level + side[0], side[1] / support, side[2] / support);
                }
            }
        );
        return fit;
    }

    // Sums of weights times x to a power, then of values, along each row.
    private static double[][] Rows(
        double[] map,
        bool[] counts,
        int width,
        double level,
        double[][] kernels
    )
    {
        var rows = Enumerable
            .Range(0, Powers + ValuePowers)
            .Select(_ => new double[map.Length])
            .ToArray();
        var reach = kernels[0].Length / 2;
        Parallel.For(
            0,
            map.Length / width,
            row =>
            {
                var start = row * width;
                for (var i = 0; i < width; i++)
                {
                    if (!counts[start + i])
                        continue;
                    var value = map[start + i] - level;
                    var (first, last) = (Math.Max(0, i - reach), Math.Min(width - 1, i + reach));
                    for (var n = first; n <= last; n++)
                    for (var power = 0; power < Powers; power++)
                    {
                        var weight = kernels[power][i - n + reach];
                        rows[power][start + n] += weight;
                        if (power < ValuePowers)
                            rows[Powers + power][start + n] += weight * value;
                    }
                }
            }
        );
        return rows;
    }

    // All sums around a cell; beyond the map is nothing.
    private static void Sum(double[][] rows, double[][] kernels, int cell, int width, double[] sums)
    {
        Array.Clear(sums);
        var reach = kernels[0].Length / 2;
        for (var n = -reach; n <= reach; n++)
        {
            var from = cell + n * width;
            if (from < 0 || from >= rows[0].Length || rows[0][from] == 0)
                continue;
            for (var k = 0; k < sums.Length; k++)
                sums[k] += kernels[Sums[k].Y][n + reach] * rows[Sums[k].Row][from];
        }
    }

    private static int[,] Product()
    {
        var products = new int[Terms.Length, Terms.Length];
        for (var a = 0; a < Terms.Length; a++)
        for (var b = 0; b < Terms.Length; b++)
            products[a, b] = Array.IndexOf(
                Sums,
                (Terms[a].X + Terms[b].X, Terms[a].Y + Terms[b].Y)
            );
        return products;
    }

    private static double Average(double[] map, bool[] counts)
    {
        var (sum, count) = (0.0, 0);
        for (var i = 0; i < map.Length; i++)
            if (counts[i])
                (sum, count) = (sum + map[i], count + 1);
        return count > 0 ? sum / count : 0;
    }

    // The Gaussian times a power of the distance, in units of the support.
    private static double[] Kernel(int power, int reach, double support) =>
        [
            .. Enumerable
                .Range(-reach, 2 * reach + 1)
                .Select(n => n / support)
                .Select(x => Math.Exp(-2 * x * x) * Math.Pow(x, power)),
        ];
}
