using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using KneeSeg.Dsl;

namespace KneeSeg.Cli.Tests.Docs;

/// <summary>The tutorial's snippets run, its counts and messages are the program's, and the reference lists every word.</summary>
public sealed partial class LanguagePageTests(LanguageSession session)
    : IClassFixture<LanguageSession>
{
    [Fact]
    public void Every_snippet_runs_and_its_networks_can_be_built()
    {
        Assert.Equal("", session.Errors.Trim());
        var built = 0;
        foreach (var (snippet, next) in LanguagePage.Snippets)
        {
            if (next is { IsMessage: true })
                continue;
            foreach (var network in session.Networks[snippet.Line])
            {
                Assert.Equal(
                    "",
                    Problems(network, Number(Counts.Match(snippet.Text), "channels", 1))
                );
                built++;
            }
        }
        Assert.True(built > 20, $"only {built} networks were found");
    }

    [Fact]
    public void Every_count_is_the_network_s()
    {
        var counted = 0;
        foreach (var (snippet, _) in LanguagePage.Snippets)
        foreach (Match said in Counts.Matches(snippet.Text))
        {
            var graph = Networks.Load(
                session.Networks[snippet.Line].Single(),
                Number(said, "channels", 1),
                Number(said, "classes", 7)
            );
            var cost = Networks.Cost(graph, Networks.DefaultSize(graph));
            Assert.Equal(
                said.Groups["count"].Value,
                cost.Parameters.ToString("N0", CultureInfo.InvariantCulture)
            );
            counted++;
        }
        Assert.True(counted > 5, $"only {counted} counts were found");
    }

    [Fact]
    public void Every_message_is_the_program_s()
    {
        Assert.NotEmpty(LanguagePage.Messages);
        foreach (var (cause, message) in LanguagePage.Messages)
            Assert.Equal(message.Text, Said(cause, message));
    }

    [Fact]
    public void Every_word_variant_and_network_is_listed_and_none_besides()
    {
        var words = Names("KneeSeg.Dsl.Words").ToHashSet();
        var variants = Names("KneeSeg.Dsl.Variants");
        var labels = Networks.Variants.Select(variant => variant.Name).Append("width").ToHashSet();
        var listed = FirstWords(string.Join('\n', LanguagePage.Words)).ToHashSet();
        Assert.Empty(words.Concat(variants).Concat(labels).Concat(ZooNetworks).Except(listed));
        var rows = LanguagePage.Words.Where(line =>
            line.StartsWith("| `", StringComparison.Ordinal)
        );
        var named = rows.SelectMany(row => FirstWords(row.Split('|')[1]));
        Assert.Empty(named.Except(words).Except(labels));
    }

    [GeneratedRegex(
        @"^// (?<count>[\d,]+) parameters(?: from (?<channels>\d+) channels? to (?<classes>\d+) class(?:es)?)?$",
        RegexOptions.Multiline
    )]
    private static partial Regex Counts { get; }

    private static int Number(Match said, string group, int otherwise) =>
        said.Groups[group].Success ? int.Parse(said.Groups[group].Value) : otherwise;

    private string Said(Fence cause, Fence message)
    {
        if (!cause.IsSnippet)
            return Kneeseg.Run(cause.Text.Split(' ')[1..]).Error.Trim();
        if (!message.IsAboutScript)
            return Problems(session.Networks[cause.Line].Single(), channels: 1);
        var folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;
        var script = Path.Combine(folder, "mine.fsx");
        File.WriteAllText(script, cause.Text);
        var error = Kneeseg.Run("describe", script).Error;
        Directory.Delete(folder, recursive: true);
        return error.Replace(folder + "/", "").Replace("KneeSeg.Dsl.Spec.", "").Trim();
    }

    /// <summary>What the program would print of a network.</summary>
    private static string Problems(string network, int channels)
    {
        try
        {
            Networks.Load(network, channels, 7);
            return "";
        }
        catch (SpecException error)
        {
            return string.Join(
                '\n',
                error.Diagnostics.Select(problem =>
                    $"error: {problem.What}\n  where  {problem.Where}\n  do     {problem.Fix}"
                )
            );
        }
    }

    private static IEnumerable<string> FirstWords(string text) =>
        Regex.Matches(text, @"`([\w-]+)[^`]*`").Select(found => found.Groups[1].Value);

    private static IEnumerable<string> ZooNetworks =>
        typeof(Networks)
            .Assembly.GetTypes()
            .Where(type => type is { Namespace: "KneeSeg.Dsl.Zoo", IsPublic: true })
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Static))
            .Where(property => property.PropertyType == typeof(Spec.Network))
            .Select(property => property.Name);

    private static IEnumerable<string> Names(string module) =>
        typeof(Networks)
            .Assembly.GetType(module)!
            .GetMembers(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Where(member => member is PropertyInfo or MethodInfo { IsSpecialName: false })
            .Select(member => member.Name);
}
