using System.Text.RegularExpressions;

namespace KneeSeg.Cli.Tests.Docs;

/// <summary>Links between pages lead to files and headings that exist.</summary>
public sealed class LinkTests
{
    [Fact]
    public void Every_link_leads_somewhere()
    {
        foreach (var page in Repository.Pages)
        foreach (
            Match link in Regex.Matches(
                File.ReadAllText(page),
                @"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)"
            )
        )
        {
            var target = link.Groups[1].Value;
            var path = target == "" ? page : Path.Combine(Path.GetDirectoryName(page)!, target);
            Assert.True(Path.Exists(path), $"{page}: {link.Value} leads nowhere");
            if (link.Groups[2].Success)
                Assert.True(
                    Anchors(path).Contains(link.Groups[2].Value),
                    $"{page}: {link.Value} leads to no heading"
                );
        }
    }

    [Fact]
    public void The_sites_menu_has_the_pages_of_the_index_in_its_order()
    {
        var index = Regex.Matches(
            File.ReadAllText(Repository.At("docs/index.md")),
            @"\]\(([^)]+)\)"
        );
        var menu = Regex.Matches(
            File.ReadAllText(Repository.At("docs/toc.yml")),
            @"href: (\S+\.md)"
        );
        Assert.Equal(index.Select(m => m.Groups[1].Value), menu.Select(m => m.Groups[1].Value));
    }

    [Fact]
    public void Every_file_that_contributors_are_sent_to_exists()
    {
        var named = Regex
            .Matches(
                File.ReadAllText(Repository.At("CONTRIBUTING.md")),
                "`((?:dsl|src|tests|docs)/[^`\\s]*)`"
            )
            .Select(match => match.Groups[1].Value);
        Assert.All(named, path => Assert.True(Path.Exists(Repository.At(path)), path));
    }

    /// <summary>A page's headings as GitHub makes anchors of them.</summary>
    private static IEnumerable<string> Anchors(string path) =>
        File.ReadLines(path)
            .Where(line => Regex.IsMatch(line, "^#+ "))
            .Select(line =>
                Regex.Replace(line.TrimStart('#').Trim().ToLowerInvariant(), @"[^\w\- ]", "")
            )
            .Select(heading => heading.Replace(' ', '-'));
}
