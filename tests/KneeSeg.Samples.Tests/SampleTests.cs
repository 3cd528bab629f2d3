using System.Diagnostics;

namespace KneeSeg.Samples.Tests;

/// <summary>The samples as a reader starts them, on tiny generated knees.</summary>
public sealed class SampleTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg-samples-").FullName;

    [Fact]
    public void A_network_is_trained_and_its_run_predicts_the_test_knee()
    {
        var training = Run(Sample("csharp-train"), folder);
        Assert.Contains("unet3d+tiny: ", training);
        Assert.Contains("epoch 2: loss ", training);

        var prediction = Run(
            Sample("csharp-predict"),
            Path.Combine(folder, "run"),
            Path.Combine(folder, "knees"),
            Path.Combine(folder, "labels")
        );
        Assert.Contains("knee-0005: mean Dice ", prediction);
        Assert.Contains("femoral cartilage", prediction);
        Assert.True(File.Exists(Path.Combine(folder, "labels", "knee-0005.nii.gz")));
    }

    [Fact]
    public void A_network_is_declared_with_the_words_of_the_language()
    {
        var shown = Run(Sample("csharp-network"));
        // As many as those of examples/my-network.fsx, which is the same network in F#.
        Assert.Contains("mine: 789187 parameters\n", shown);
        Assert.Contains("mine+gated: ", shown);
    }

    [Fact]
    public void The_notebook_shows_an_error_counts_a_diagram_and_variants()
    {
        var script = File.ReadAllText(Sample("notebook.fsx"))
            .Replace("../dsl/KneeSeg.Diagrams/bin/Release/net10.0/", AppContext.BaseDirectory);
        var notebook = Path.Combine(folder, "notebook.fsx");
        File.WriteAllText(notebook, script);

        var shown = Run("dotnet", "fsi", "--quiet", notebook);
        Assert.Contains("at stride", shown);
        Assert.Contains("mine ", shown);
        Assert.Contains("vnet+small ", shown);
        Assert.True(File.Exists(Path.Combine(folder, "mine.svg")));
        Assert.True(File.Exists(Path.Combine(folder, "mine.json")));
    }

    [Theory]
    [InlineData("csharp-network")]
    [InlineData("csharp-train")]
    [InlineData("csharp-predict")]
    public void The_page_about_csharp_shows_a_sample_as_it_is(string sample)
    {
        var root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));
        Assert.Contains(
            File.ReadAllText(Path.Combine(root, "samples", sample, "Program.cs")).Trim(),
            File.ReadAllText(Path.Combine(root, "docs/how-to/use-from-csharp.md"))
        );
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string Sample(string name) => Path.Combine(AppContext.BaseDirectory, name);

    private string Run(string program, params string[] words)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, words)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment =
                {
                    // What a sample leaves in a temporary folder goes with the test's own.
                    ["TMPDIR"] = folder,
                    // On a busy machine, threads that wait for each other take several times as long.
                    ["OMP_NUM_THREADS"] = "1",
                },
            }
        )!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"exit {process.ExitCode}: {error.Result}{output}");
        return output;
    }
}
