namespace KneeSeg.Morphometry;

/// <summary>Linear equations with a symmetric, positive definite matrix.</summary>
internal static class Cholesky
{
    /// <summary>Solves in place: the matrix's lower half is overwritten, and the right-hand side is the solution.</summary>
    public static void Solve(double[,] matrix, double[] side)
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
