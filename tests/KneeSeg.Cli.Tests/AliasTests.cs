namespace KneeSeg.Cli.Tests;

/// <summary>Earlier names of commands and flags: they work, and help shows only the current ones.</summary>
public sealed class AliasTests
{
    public static TheoryData<string, string> Commands =>
        [.. Aliases.commands.Select(pair => (pair.Item1, pair.Item2))];

    [Theory]
    [MemberData(nameof(Commands))]
    public void An_earlier_command_is_the_current_one(string earlier, string command)
    {
        var help = Kneeseg.Run(command, "--help").IsDone().Output;
        Assert.Contains($"kneeseg {command} ", help);
        Assert.Equal(help, Kneeseg.Run(earlier, "--help").IsDone().Output);
        Assert.Equal(help, Kneeseg.Run("help", earlier).IsDone().Output);
    }

    [Theory]
    [InlineData("train vnet --from runs/first", "train vnet --init-from runs/first")]
    [InlineData("train vnet --from=runs/first", "train vnet --init-from=runs/first")]
    [InlineData("predict run knees --flips --exact", "predict run knees --tta --exact")]
    [InlineData("folds vnet --folds 3", "cross-validate vnet --folds 3")]
    [InlineData("help probe", "help verify")]
    [InlineData("help", "help")]
    // Not flags of these commands, and not flags at all.
    [InlineData("folds vnet --from runs/first", "cross-validate vnet --from runs/first")]
    [InlineData("train vnet --fromage runs", "train vnet --fromage runs")]
    [InlineData("info runs check", "info runs check")]
    public void Earlier_names_become_the_current_ones(string earlier, string current) =>
        Assert.Equal(current, string.Join(' ', Aliases.current(earlier.Split(' '))));

    [Theory]
    [InlineData("train unet3d --data no --run no --patch 16x16x16 --from no")]
    [InlineData("predict no --out no --flips")]
    public void An_earlier_flag_is_parsed(string words) =>
        Assert.DoesNotContain("unrecognized", Kneeseg.Run(words.Split(' ')).Error);

    [Fact]
    public void Help_shows_no_earlier_name()
    {
        var list = Kneeseg.Run("--help").IsDone().Output;
        Assert.All(
            Aliases.commands,
            pair =>
            {
                Assert.Matches($@"(?m)^ +{pair.Item2} ", list);
                Assert.DoesNotMatch($@"(?m)^ +{pair.Item1} ", list);
            }
        );
        Assert.All(
            Aliases.flags,
            flag =>
            {
                var help = Kneeseg.Run(flag.Item1, "--help").IsDone().Output;
                Assert.Contains(flag.Item3, help);
                Assert.DoesNotMatch($@"{flag.Item2}\b", help);
            }
        );
    }
}
