using System.Collections.Concurrent;

namespace KneeSeg;

/// <summary>A file or folder that must not outlive its use, not even where a signal ends the program.</summary>
public sealed class Temporary : IDisposable
{
    private static readonly ConcurrentDictionary<Temporary, bool> All = [];

    private Temporary(string path)
    {
        Path = path;
        All[this] = true;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>A file that is going to be written here.</summary>
    public static Temporary File(string path) => new(path);

    /// <summary>A new, empty folder in the system's place for such.</summary>
    /// <exception cref="ProblemException">The place can't be written (exit 6).</exception>
    public static Temporary Folder()
    {
        try
        {
            return new(Directory.CreateTempSubdirectory("kneeseg-").FullName);
        }
        catch (Exception e) when (WriteError.Says(e))
        {
            throw WriteError.Problem(
                System.IO.Path.GetTempPath(),
                e,
                "Set TMPDIR to a folder that you can write to, with enough space"
            );
        }
    }

    /// <summary>Deletes all there are, before a signal ends the program.</summary>
    public static void DeleteAll()
    {
        foreach (var one in All.Keys)
            one.Dispose();
    }

    /// <summary>Deletes it, if it is there.</summary>
    public void Dispose()
    {
        All.TryRemove(this, out _);
        try
        {
            if (Directory.Exists(Path))
                Directory.Delete(Path, recursive: true);
            else
                System.IO.File.Delete(Path);
        }
        catch (Exception e) when (WriteError.Says(e)) { }
    }
}
