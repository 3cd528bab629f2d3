namespace KneeSeg.Cli.Tests;

/// <summary>Six tiny knees and a network trained on them for a few steps, made once for all tests.</summary>
public sealed class Workshop : IDisposable
{
    /// <summary>A spec that trains in a second.</summary>
    private const string Spec = "unet3d+tiny";

    public Workshop()
    {
        Kneeseg.Run("phantom", Knees, "--count", "5", "--size", "16x32x32").IsDone();
        Kneeseg.Run(Training(Trained)).IsDone();
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    public string Knees => At("knees");

    /// <summary>A finished run.</summary>
    public string Trained => At("run");

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
        [
            "train",
            spec,
            "--data",
            knees ?? Knees,
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
