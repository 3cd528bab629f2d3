namespace KneeSeg.Cli.Tests.Docs;

/// <summary>Every snippet of the page in one session of F#, in order, each at its own line of the page.</summary>
public sealed class LanguageSession
{
    public LanguageSession()
    {
        var folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;
        var answers = Path.Combine(folder, "answers");
        File.WriteAllText(answers, "");
        (_, Errors) = FSharpSession.Run(folder, $"{Prelude(answers)}\n{Script()}\nexit 0;;\n");
        Networks = File.ReadLines(answers)
            .Select(line => line.Split('\t', 2))
            .ToLookup(parts => int.Parse(parts[0]), parts => parts[1]);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>What F# complained of.</summary>
    public string Errors { get; }

    /// <summary>The networks that the snippet at a line ended with, as canonical JSON.</summary>
    public ILookup<int, string> Networks { get; }

    /// <summary>What a script finds opened, and what notes the values of snippets.</summary>
    private static string Prelude(string answers) =>
        $$"""
            open KneeSeg.Dsl
            open KneeSeg.Dsl.Zoo
            let valueAt (line: int) (value: obj) =
                let note (network: Network) =
                    System.IO.File.AppendAllText(@"{{answers}}", $"{line}\t{Json.text network}\n")
                match value with
                | :? Network as network -> note network
                | :? (Network seq) as networks -> Seq.iter note networks
                | _ -> ();;
            # 1 "language.md"
            """;

    /// <summary>As many lines as the page has, of which those outside snippets are empty.</summary>
    private static string Script()
    {
        var lines = new string[LanguagePage.Lines.Length];
        foreach (var (snippet, next) in LanguagePage.Snippets)
        {
            if (next is { IsAboutScript: true })
                continue;
            snippet.Lines.CopyTo(lines, snippet.Line);
            lines[snippet.Line + snippet.Lines.Length] = snippet.HasValue
                ? $";;valueAt {snippet.Line} (box it);;"
                : ";;";
        }
        return string.Join('\n', lines);
    }
}
