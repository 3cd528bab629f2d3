[assembly: AssemblyFixture(typeof(KneeSeg.Cli.Tests.TrainedKnees))]

namespace KneeSeg.Cli.Tests;

/// <summary>Five tiny knees and a network trained on them for a few steps, made once for all tests; none changes them.</summary>
public sealed class TrainedKnees : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    public TrainedKnees()
    {
        Kneeseg.Run("phantom", Knees, "--count", "5", "--size", "16x32x32").IsDone();
        Kneeseg.Run(Workshop.Command(Knees, Run, Workshop.Spec)).IsDone();
    }

    public string Knees => Path.Combine(folder, "knees");

    public string Run => Path.Combine(folder, "run");

    public void Dispose() => Directory.Delete(folder, recursive: true);
}

/// <summary>A folder for the tests of a class.</summary>
public sealed class Workshop(TrainedKnees trained) : IDisposable
{
    /// <summary>A spec that trains in a second.</summary>
    internal const string Spec = "unet3d+tiny";

    public string Folder { get; } = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    public string Knees => trained.Knees;

    /// <summary>A finished run.</summary>
    public string Trained => trained.Run;

    public string At(string name) => Path.Combine(Folder, name);

    /// <summary>Writes a file.</summary>
    /// <returns>Where it is.</returns>
    public string Write(string name, string text)
    {
        File.WriteAllText(At(name), text);
        return At(name);
    }

    /// <summary>A copy of the knees to spoil.</summary>
    public string CopyOfKnees(string name) => Copy(Knees, name);

    /// <summary>A copy of the run to spoil.</summary>
    public string CopyOfRun(string name) => Copy(Trained, name);

    /// <summary>The command that trains into a folder.</summary>
    public string[] Training(string run, string spec = Spec, string? knees = null) =>
        Command(knees ?? Knees, run, spec);

    internal static string[] Command(string knees, string run, string spec) =>
        [
            "train",
            spec,
            "--data",
            knees,
            "--run",
            run,
            "--patch",
            "16x32x32",
            "--epochs",
            "3",
            "--set",
            "stepsPerEpoch=4",
            "--set",
            "batchSize=1",
            "--set",
            "validateEvery=2",
        ];

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private string Copy(string from, string name)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(At(name), Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to, overwrite: true);
        }
        return At(name);
    }
}
