using System.Text.RegularExpressions;

namespace KneeSeg.Cli.Tests.Docs;

/// <summary>A fenced part of a page.</summary>
/// <param name="Kind">What stands behind the fence's opening, such as <c>fsharp</c>.</param>
/// <param name="Line">The line of the opening, counted from 1.</param>
/// <param name="Lines">What is inside.</param>
internal sealed record Fence(string Kind, int Line, string[] Lines)
{
    public string Text => string.Join('\n', Lines);

    public bool IsSnippet => Kind == "fsharp";

    /// <summary>What the program says of the fence before.</summary>
    public bool IsMessage => Text.StartsWith("error: ", StringComparison.Ordinal);

    /// <summary>A message of F#, about a snippet that does not compile.</summary>
    public bool IsAboutScript => IsMessage && Text.Contains(".fsx, line ");

    /// <summary>Whether a snippet's last line, as far as it is not indented, is an expression.</summary>
    public bool HasValue =>
        Lines.LastOrDefault(StartsSomething) is { } last
        && !Regex.IsMatch(last, @"^(let|open|type|module)\b");

    private static bool StartsSomething(string line) => Regex.IsMatch(line, @"^([\w\[(""{])");
}

/// <summary>docs/tutorial/language.md, and the list of words in docs/reference/language.md.</summary>
internal static class LanguagePage
{
    public static string[] Lines { get; } =
        File.ReadAllLines(Repository.At("docs/tutorial/language.md"));

    /// <summary>The reference's section of words.</summary>
    public static string[] Words { get; } =
    [
        .. File.ReadLines(Repository.At("docs/reference/language.md"))
            .SkipWhile(line => line != "## Words")
            .Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal)),
    ];

    public static IReadOnlyList<Fence> Fences { get; } = [.. Read()];

    /// <summary>The snippets, each with the fence that follows it.</summary>
    public static IEnumerable<(Fence Snippet, Fence? Next)> Snippets =>
        Fences
            .Zip(Fences.Skip(1).Append(null))
            .Where(pair => pair.First.IsSnippet)
            .Select(pair => (pair.First, pair.Second));

    /// <summary>The messages, each with the fence before it.</summary>
    public static IEnumerable<(Fence Cause, Fence Message)> Messages =>
        Fences.Zip(Fences.Skip(1)).Where(pair => pair.Second.IsMessage);

    private static IEnumerable<Fence> Read()
    {
        for (var i = 0; i < Lines.Length; i++)
        {
            if (!Lines[i].StartsWith("```", StringComparison.Ordinal))
                continue;
            var end = Array.FindIndex(Lines, i + 1, line => line == "```");
            yield return new(Lines[i][3..], i + 1, Lines[(i + 1)..end]);
            i = end;
        }
    }
}
