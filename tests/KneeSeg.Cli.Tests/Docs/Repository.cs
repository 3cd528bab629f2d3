namespace KneeSeg.Cli.Tests.Docs;

/// <summary>The files that the tests were built from.</summary>
internal static class Repository
{
    private static string Root { get; } =
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));

    public static string At(string path) => Path.Combine(Root, path);

    /// <summary>The pages that people write, and the zoo's, which has anchors that they point to.</summary>
    public static IEnumerable<string> Pages =>
        Directory
            .EnumerateFiles(At("docs"), "*.md", SearchOption.AllDirectories)
            .Concat([
                At("README.md"),
                At("CHANGELOG.md"),
                At("CONTRIBUTING.md"),
                At("SECURITY.md"),
            ]);
}
