using System.Text;
using KneeSeg.Cli.Scripts;
using KneeSeg.Cli.Tests.Docs;
using KneeSeg.Dsl;

namespace KneeSeg.Cli.Tests;

/// <summary>
/// Mistakes that beginners make, and what each is answered: Expected/mistakes.txt. A script there has lines that begin
/// with "| "; the answer stands below it. What the test found lies beside it as mistakes-found.txt.
/// </summary>
public sealed class MistakeTests : IDisposable
{
    private const string End = "\u001dend";

    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_mistake_is_answered_as_committed()
    {
        var path = Repository.At("tests/KneeSeg.Cli.Tests/Expected/mistakes.txt");
        var expected = File.ReadAllText(path);
        var mistakes = expected
            .Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(block => block.Split('\n'))
            .Select(lines =>
                (
                    Title: lines[0],
                    Script: lines.Where(line => line.StartsWith('|')).Select(line => line[2..])
                )
            )
            .ToArray();
        for (var i = 0; i < mistakes.Length; i++)
            File.WriteAllLines(Script(i), mistakes[i].Script);
        var answers = Answers(mistakes.Length);
        var found = new StringBuilder();
        for (var i = 0; i < mistakes.Length; i++)
        {
            found.Append(mistakes[i].Title).Append('\n');
            foreach (var line in mistakes[i].Script)
                found.Append($"| {line}\n");
            foreach (var answer in answers[i])
                found.Append(
                    $"error: {answer.What}\n  where  {answer.Where}\n  do     {answer.Fix}\n"
                );
            found.Append('\n');
        }
        File.WriteAllText(
            Path.Combine(AppContext.BaseDirectory, "mistakes-found.txt"),
            found.ToString()
        );
        Assert.Equal(expected, found.ToString());
    }

    private string Script(int index) => Path.Combine(folder, $"{index}.fsx");

    /// <summary>Each script's errors, from one session of F#, which takes seconds to start.</summary>
    private Diagnostic[][] Answers(int count)
    {
        var input = new StringBuilder();
        for (var i = 0; i < count; i++)
            // Where F# is comes with the next line that it reads, hence the line 0.
            input.Append(
                $"""
                ();;
                # 0 "{Script(i)}"
                ();;
                {File.ReadAllText(Script(i))}
                ;;
                KneeSeg.Dsl.Script.finish it;;
                printfn "{End}"; eprintfn "{End}";;

                """
            );
        var (output, errors) = FSharpSession.Run(
            folder,
            input.ToString(),
            "--warnaserror:3221,3353",
            $"--use:{Path.Combine(AppContext.BaseDirectory, "Scripts", "before.fsx")}"
        );
        var values = output.Split(End);
        var complaints = errors.Split(End);
        return [.. Enumerable.Range(0, count).Select(i => Answer(i, values[i], complaints[i]))];
    }

    private Diagnostic[] Answer(int index, string output, string errors)
    {
        Diagnostic[] compiled = [.. FsiDiagnostics.diagnostics(Script(index), errors)];
        var results = output
            .Split('\n')
            .Where(line => line.StartsWith(KneeSeg.Dsl.Script.mark, StringComparison.Ordinal))
            .Select(line => line[KneeSeg.Dsl.Script.mark.Length..])
            .Where(result => result != "");
        var answers = compiled.Length > 0 ? compiled : [.. results.SelectMany(Elaborated)];
        return
        [
            .. answers.Select(answer => new Diagnostic(
                answer.Where.Replace(Script(index), "mine.fsx"),
                answer.What,
                answer.Fix,
                answer.IsUnknownName
            )),
        ];
    }

    /// <summary>What is wrong with a script's value.</summary>
    private IEnumerable<Diagnostic> Elaborated(string result)
    {
        if (result.StartsWith('!'))
        {
            var words = result[1..].Split('\t');
            return [new Diagnostic("mine.fsx", words[0], words[1], false)];
        }
        try
        {
            Networks.Load(result, 1, 7);
            return [];
        }
        catch (SpecException refused)
        {
            return refused.Diagnostics;
        }
    }
}
