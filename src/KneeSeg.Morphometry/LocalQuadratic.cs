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

    // Small enough not to bias a fit, large enough to regularize cells in a line.
    private const double Ridge = 1e-5;

    /// <summary>Fits every cell that has something around it.</summary>
    /// <param name="map">The values, row by row.</param>
    /// <param name="counts">Which values are fitted; the others are not looked at.</param>
    /// <param name="width">Cells of a row.</param>
    /// <param name="support">How many cells the Gaussian reaches; its deviation is half of that.</param>
    /// <returns>Values and slopes, per cell, everywhere; NaN where nothing is around.</returns>
    public static (double Value, double SlopeX, double SlopeY)[] Fit(
        double[] map,
        bool[] counts,
        int width,
        double support
    )
    {
        var reach = Math.Max(1, (int)Math.Ceiling(support));
        var level = Average(map, counts);
        var weights = new double[map.Length];
        var values = new double[map.Length];
        for (var i = 0; i < map.Length; i++)
            if (counts[i])
                (weights[i], values[i]) = (1, map[i] - level);
        var kernels = Enumerable
            .Range(0, 5)
            .Select(power => Kernel(power, reach, support))
            .ToArray();
        double[] Rows(double[] of, int power) => Convolve(of, kernels[power], width, 1);
        double[] Columns(double[] of, int power) => Convolve(of, kernels[power], width, width);

        var weightRows = Enumerable.Range(0, 5).Select(x => Rows(weights, x)).ToArray();
        var valueRows = Enumerable.Range(0, 3).Select(x => Rows(values, x)).ToArray();
        var moments = new double[5, 5][];
        for (var x = 0; x < 5; x++)
        for (var y = 0; x + y < 5; y++)
            moments[x, y] = Columns(weightRows[x], y);
        var sides = Terms.Select(term => Columns(valueRows[term.X], term.Y)).ToArray();

        var fit = new (double, double, double)[map.Length];
        Parallel.For(
            0,
            map.Length / width,
            row =>
            {
                var (matrix, side) = (new double[6, 6], new double[6]);
                for (var i = row * width; i < (row + 1) * width; i++)
                {
                    var total = moments[0, 0][i];
                    if (total < 1e-9)
                    {
                        fit[i] = (double.NaN, double.NaN, double.NaN);
                        continue;
                    }
                    for (var a = 0; a < 6; a++)
                    {
                        for (var b = 0; b <= a; b++)
                            matrix[a, b] = moments[
                                Terms[a].X + Terms[b].X,
                                Terms[a].Y + Terms[b].Y
                            ][i];
                        if (a > 0)
                            matrix[a, a] += Ridge * total;
                        side[a] = sides[a][i];
                    }
                    Solve(matrix, side);
                    fit[i] = (level + side[0], side[1] / support, side[2] / support);
                }
            }
        );
        return fit;
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

    // Beyond the map is nothing.
    private static double[] Convolve(double[] map, double[] kernel, int width, int stride)
    {
        var (sum, reach) = (new double[map.Length], kernel.Length / 2);
        var (length, lines) =
            stride == 1 ? (width, map.Length / width) : (map.Length / width, width);
        Parallel.For(
            0,
            lines,
            line =>
            {
                var start = stride == 1 ? line * width : line;
                for (var i = 0; i < length; i++)
                {
                    var total = 0.0;
                    var (first, last) = (Math.Max(0, i - reach), Math.Min(length - 1, i + reach));
                    for (var n = first; n <= last; n++)
                        total += kernel[n - i + reach] * map[start + n * stride];
                    sum[start + i * stride] = total;
                }
            }
        );
        return sum;
    }

    // Cholesky, in place: the matrix's lower half, then the solution in the right-hand side.
    private static void Solve(double[,] matrix, double[] side)
    {
        var n = side.Length;
        for (var a = 0; a < n; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                var sum = matrix[a, b];
                for (var c = 0; c < b; c++)
                    sum -= matrix[a, c] * matrix[b, c];
                matrix[a, b] = a == b ? Math.Sqrt(Math.Max(sum, 1e-300)) : sum / matrix[b, b];
            }
            for (var c = 0; c < a; c++)
                side[a] -= matrix[a, c] * side[c];
            side[a] /= matrix[a, a];
        }
        for (var a = n - 1; a >= 0; a--)
        {
            for (var c = a + 1; c < n; c++)
                side[a] -= matrix[c, a] * side[c];
            side[a] /= matrix[a, a];
        }
    }
}
