using FsCheck.Xunit;
using KneeSeg.Data.Datasets;

namespace KneeSeg.Tests.Data;

public class SubjectsTests
{
    [Theory]
    [InlineData("train_001_V00", "train_001")]
    [InlineData("train_001_V01", "train_001")]
    [InlineData("9001104_V00_right", "9001104")]
    [InlineData("oai-9001104-24m", "9001104")]
    [InlineData("knee-0001", "knee-0001")]
    [InlineData("190011045", "190011045")]
    [InlineData("V00lume", "V00lume")]
    public void A_subject_is_inferred_from_the_name_of_a_visit(string name, string subject) =>
        Assert.Equal(subject, Subjects.Of(name));

    [Property]
    public bool Parts_are_even_and_the_same_in_any_order(byte count, byte parts, long seed)
    {
        var subjects = Enumerable.Range(0, count).Select(i => $"s{i}").ToArray();
        var dealt = Subjects.Deal(subjects, parts + 1, seed);
        var again = Subjects.Deal(subjects.Reverse().Concat(subjects), parts + 1, seed);
        var sizes = Enumerable.Range(0, parts + 1).Select(p => dealt.Values.Count(v => v == p));
        return subjects.All(subject => dealt[subject] == again[subject])
            && sizes.Max() - sizes.Min() <= 1;
    }

    [Fact]
    public void Another_seed_deals_otherwise()
    {
        var subjects = Enumerable.Range(0, 40).Select(i => $"s{i}").ToArray();
        Assert.NotEqual(
            subjects.Select(s => Subjects.Deal(subjects, 5, 1)[s]),
            subjects.Select(s => Subjects.Deal(subjects, 5, 2)[s])
        );
    }
}
