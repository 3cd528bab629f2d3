using System.Reflection;

namespace KneeSeg.Samples.Tests;

/// <summary>What a user of the assemblies can call, against committed texts: no public name changes unseen.</summary>
public sealed class ApiTests
{
    private const string Accept =
        "If the change is meant, run: cp tests/KneeSeg.Samples.Tests/bin/Release/net10.0/found-api/* "
        + "tests/KneeSeg.Samples.Tests/Expected/api/";

    private static string Folder(string name) => Path.Combine(AppContext.BaseDirectory, name);

    private static string[] Libraries() =>
        [
            .. Directory
                .EnumerateFiles(AppContext.BaseDirectory, "KneeSeg.*.dll")
                .Select(file => Path.GetFileNameWithoutExtension(file))
                .Where(name => !name.EndsWith("Tests", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];

    public static TheoryData<string> Assemblies => [.. Libraries()];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void An_assembly_has_the_committed_public_types_and_members(string name)
    {
        var found = ApiText.Of(Assembly.Load(name));
        Directory.CreateDirectory(Folder("found-api"));
        File.WriteAllText(Path.Combine(Folder("found-api"), $"{name}.txt"), found);

        var path = Path.Combine(Folder("Expected/api"), $"{name}.txt");
        var committed = File.Exists(path) ? File.ReadAllText(path) : "";
        var gone = committed.Split('\n').Except(found.Split('\n'));
        var fresh = found.Split('\n').Except(committed.Split('\n'));
        Assert.True(
            committed == found,
            $"""
            The public API of {name} differs from Expected/api/{name}.txt:
            {string.Join(
                '\n',
                [.. gone.Select(line => $"- {line}"), .. fresh.Select(line => $"+ {line}")]
            )}
            {Accept}
            """
        );
    }

    [Fact]
    public void Every_committed_text_is_of_an_assembly()
    {
        var committed = Directory
            .EnumerateFiles(Folder("Expected/api"))
            .Select(file => Path.GetFileNameWithoutExtension(file));
        Assert.Empty(committed.Except(Libraries()));
    }
}
