using System.Text.Json;
using KneeSeg.Evaluation;
using static KneeSeg.Tests.Evaluation.Masks;

namespace KneeSeg.Tests.Evaluation;

public class ComparisonTests
{
    private static readonly string[] Labels = ["background", "cartilage", "meniscus"];

    [Fact]
    public void Few_differences_have_the_exact_p_value_of_scipy()
    {
        AssertP(0.1484375, [0.012, -0.004, 0.021, 0.007, 0.003, -0.011, 0.016, 0.009]);
        AssertP(
            0.03996834652842374,
            [.. Enumerable.Range(0, 50).Select(i => (i % 3 == 0 ? -1 : 1) * (i + 1) * 0.01)]
        );
        AssertP(1, [0.5]);
    }

    [Fact]
    public void Ties_and_zeros_are_exact_too_as_counted_over_all_signs()
    {
        AssertP(0.021484375, [3, 1, 2, -1, 4, 5, -2, 6, 7, 8]);
        AssertP(0.25, [0, 0, 2, -1, 3, 4]);
    }

    [Fact]
    public void Many_differences_have_the_p_value_of_scipys_normal_approximation()
    {
        AssertP(
            0.007948629243924976,
            [.. Enumerable.Range(0, 80).Select(i => (i % 3 == 0 ? -1.0 : 1) * (i * 7 % 13 + 1))]
        );
        AssertP(
            5.555952309810511e-09,
            [.. Enumerable.Range(0, 120).Select(i => (i % 5 == 0 ? -1.0 : 1) * (i + 1))]
        );
        AssertP(
            0.9120730845618369,
            [.. Enumerable.Range(0, 60).Select(i => (i % 2 == 0 ? -1.0 : 1) * (i + 1))]
        );
    }

    [Fact]
    public void No_difference_at_all_is_no_evidence()
    {
        Assert.Equal(1, SignedRank.Of([0, 0, 0])!.P);
        Assert.Null(SignedRank.Of([]));
    }

    [Fact]
    public void Counts_keep_their_fields_in_JSON() =>
        Assert.Equal(
            """{"structures":4,"missed":3,"misplaced":2,"invented":1}""",
            JsonSerializer.Serialize(new StructureCounts(4, 3, 2, 1), JsonSerializerOptions.Web)
        );

    [Fact]
    public void The_second_system_is_compared_with_the_first_case_by_case()
    {
        var (whole, half) = (Box(2, 10, 2, 10, 2, 10), Box(2, 6, 2, 10, 2, 10));
        var compared = EvaluationComparison.Of(
            Evaluation(("a", whole, half), ("b", whole, whole), ("only", whole, whole)),
            Evaluation(("b", whole, whole), ("a", whole, whole), ("other", whole, whole))
        );
        var (cartilage, meniscus) = (compared.Labels[0].Dice, compared.Labels[1].Dice);
        // 2/3 became 1 in one case, and stayed 1 in the other.
        Assert.Equal(2, cartilage.N);
        Assert.Equal(1.0 / 6, cartilage.Difference!.Value, 1e-12);
        Assert.Equal(0, cartilage.Interval!.Low, 1e-12);
        Assert.Equal(1.0 / 3, cartilage.Interval.High, 1e-12);
        Assert.Equal(1, cartilage.P);
        Assert.Equal(cartilage, compared.MeanDice);
        Assert.Equal(new PairedTest(0, null, null, null), meniscus);
        Assert.Equal(["only"], compared.OnlyFirst);
        Assert.Equal(["other"], compared.OnlySecond);
    }

    [Fact]
    public void What_one_system_invents_counts_against_it()
    {
        Func<int, int, int, bool> nothing = (_, _, _) => false;
        var compared = EvaluationComparison.Of(
            Evaluation(("a", nothing, nothing)),
            Evaluation(("a", nothing, Ball(8, 8, 8, 2)))
        );
        Assert.Equal((1, -1.0), (compared.MeanDice.N, compared.MeanDice.Difference));
    }

    [Fact]
    public void Other_labels_or_no_common_case_are_refused()
    {
        var ball = Where(Ball(8, 8, 8, 2));
        var other = EvaluationSummary.Of([
            CaseMetrics.Measure("a", ball, ball, ["background", "bone"]),
        ]);
        var mine = Evaluation(("a", Ball(8, 8, 8, 2), Ball(8, 8, 8, 2)));
        Assert.Equal(
            ExitCode.Checkpoint,
            Assert.Throws<ProblemException>(() => EvaluationComparison.Of(mine, other)).Exit
        );
        Assert.Equal(
            ExitCode.Data,
            Assert
                .Throws<ProblemException>(() =>
                    EvaluationComparison.Of(
                        mine,
                        Evaluation(("b", Ball(8, 8, 8, 2), Ball(8, 8, 8, 2)))
                    )
                )
                .Exit
        );
    }

    private static void AssertP(double expected, double[] differences)
    {
        var p = SignedRank.Of(differences)!.P;
        Assert.True(Math.Abs(p - expected) <= 1e-9 * expected, $"{p} is not {expected}");
        Assert.Equal(p, SignedRank.Of(differences.Select(d => -d).Reverse())!.P, 1e-9);
    }

    private static EvaluationSummary Evaluation(
        params (
            string Id,
            Func<int, int, int, bool> Reference,
            Func<int, int, int, bool> Prediction
        )[] cases
    ) =>
        EvaluationSummary.Of([
            .. cases.Select(one =>
                CaseMetrics.Measure(one.Id, Where(one.Reference), Where(one.Prediction), Labels)
            ),
        ]);
}
