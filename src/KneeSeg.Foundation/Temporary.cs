using System.Collections.Concurrent;

namespace KneeSeg;

/// <summary>A temporary file or folder, deleted on disposal and before a signal ends the program.</summary>
public sealed class Temporary : IDisposable
{
    private static readonly ConcurrentDictionary<Temporary, bool> All = [];

    private Temporary(string path)
    {
        Path = path;
        All[this] = true;
    }

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>A temporary file to be written at this path.</summary>
    public static Temporary File(string path) => new(path);

    /// <summary>A new, empty folder in the system's temporary directory.</summary>
    /// <exception cref="ProblemException">The temporary directory can't be written (exit 6).</exception>
    public static Temporary Folder()
    {
        try
        {
            return new(Directory.CreateTempSubdirectory("kneeseg-").FullName);
        }
        catch (Exception e) when (WriteError.Matches(e))
        {
            throw WriteError.Problem(
                System.IO.Path.GetTempPath(),
                e,
                "Set TMPDIR to a writable folder with enough free space"
            );
        }
    }

    /// <summary>Deletes every temporary file and folder, before a signal ends the program.</summary>
    public static void DeleteAll()
    {
        foreach (var one in All.Keys)
            one.Dispose();
    }

    /// <summary>Deletes it if it exists.</summary>
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
        catch (Exception e) when (WriteError.Matches(e)) { }
    }
}
