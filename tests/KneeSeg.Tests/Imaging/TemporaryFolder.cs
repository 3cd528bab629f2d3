namespace KneeSeg.Tests.Imaging;

/// <summary>A folder of a test's own, removed with what is in it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    public string this[string name] => Path.Combine(root, name);

    public void Dispose() => Directory.Delete(root, recursive: true);
}
