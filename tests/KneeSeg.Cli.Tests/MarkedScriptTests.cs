using System.Text;
using KneeSeg.Cli.Scripts;
using KneeSeg.Cli.Tests.Docs;

namespace KneeSeg.Cli.Tests;

/// <summary>Scripts with their lines marked: each makes the networks that it makes without.</summary>
public sealed class MarkedScriptTests : IDisposable
{
    /// <summary>Ways to lay a script out.</summary>
    private const string Layouts = """
        let mutable count = 0
        count <- count + 1
        let pick width = if width > 8 then conv 3 width else conv 1 width

        let unit width activation =
            let inner =
                match width with
                | 8 -> batchNorm
                | _ ->
                    instanceNorm
            chain [ conv 3 width
                    inner
                    activation ] // aligned
        let twice width = repeat 2 (
            unit width relu
        )

        type Sizes = { Fine: int; Coarse: int }
        let sizes = { Fine = 8
                      Coarse = 16 }
        let level width = { Encode = twice width; Down = maxPool 2; Skip = concat; Up = deconv 2 width; Decode = pick width }
        let stronger level = { level with Decode = chain [ level.Decode; level.Decode ] }
        let strongest (level: Level) = {
            level with
                Decode =
                    level.Decode
                    |> withoutBias
                    |> residual
        }

        [
            for last in [ 4; 12 ] do
                network2d $"x{last}" [
                    encoderDecoder
                        [
                            level sizes.Fine |> stronger
                            strongest (level sizes.Coarse)
                        ]
                        (shortcut
                            (conv 1 32)
                            (twice 32))
                    List.fold
                        (fun block rate ->
                            chain [ block; dilated rate (conv 3 last) ])
                        identity
                        [ 1; 2 ]
                    classify
                ]
                |> relative
        ]
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_marked_script_makes_the_same_networks()
    {
        string[] scripts =
        [
            Layouts,
            .. Directory
                .GetFiles(Repository.At("examples"), "*.fsx")
                .Order()
                .Select(File.ReadAllText),
        ];
        var input = new StringBuilder();
        foreach (var script in scripts)
            input.Append(
                $"""
                {script}
                ;;
                KneeSeg.Dsl.Script.finish it;;
                let (:=) mark value = mark value;;
                {MarkedScript.text(script.Split('\n'))}
                ;;
                KneeSeg.Dsl.Script.finishLines it;;
                printfn "done";;

                """
            );
        var (output, errors) = FSharpSession.Run(
            folder,
            input.ToString(),
            $"--use:{Path.Combine(AppContext.BaseDirectory, "Scripts", "before.fsx")}"
        );
        Assert.Equal("", errors);
        var lines = output
            .Split("done\n")
            .Select(said =>
                said.Split('\n').Where(line => line.StartsWith($"{KneeSeg.Dsl.Script.mark}@"))
            );
        var marked = lines.Take(scripts.Length).ToArray();
        Assert.Equal(2, marked[0].Count());
        // Every expression of the layouts that begins a line, an element or a field.
        Assert.Contains("11.", marked[0].First());
        Assert.All(marked, Assert.NotEmpty);
    }
}
