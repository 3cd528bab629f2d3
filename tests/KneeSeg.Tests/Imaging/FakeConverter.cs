using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;

namespace KneeSeg.Tests.Imaging;

/// <summary>
/// A <c>dcm2niix</c> that comes first on the path until it is disposed. It writes the volume that a test prepared for the
/// first slice that it is given, and notes the slices and its arguments.
/// </summary>
internal sealed class FakeConverter : IDisposable
{
    private const string Script = """
        #!/bin/sh
        here=$(dirname "$0")
        echo "$@" > "$here/arguments"
        while [ $# -gt 1 ]; do
            [ "$1" = -o ] && out=$2
            shift
        done
        for slice in "$1"/*; do readlink "$slice"; done | sort > "$here/slices"
        echo "Warning: nothing of this is for people, such as $1"
        echo "Conversion required 0.001 seconds (0.001 for core code)."
        first=$(basename "$(head -n 1 "$here/slices")" .dcm)
        [ -e "$here/$first.nii" ] || exit 2
        cp "$here/$first.nii" "$out/volume.nii"
        """;

    private readonly TemporaryFolder folder = new();
    private readonly string before = Environment.GetEnvironmentVariable("PATH")!;

    public FakeConverter()
    {
        File.WriteAllText(folder["dcm2niix"], Script + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(
                folder["dcm2niix"],
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
        Environment.SetEnvironmentVariable("PATH", $"{folder[""]}{Path.PathSeparator}{before}");
    }

    /// <summary>The names of the slices that it saw last.</summary>
    public string[] Slices =>
        [.. File.ReadAllLines(folder["slices"]).Select(line => Path.GetFileName(line)!)];

    /// <summary>What it was called with.</summary>
    public string Arguments => File.ReadAllText(folder["arguments"]);

    /// <summary>Whether it was called since it last forgot.</summary>
    public bool WasCalled => File.Exists(folder["arguments"]);

    /// <summary>Forgets that it was called.</summary>
    public void Forget() => File.Delete(folder["arguments"]);

    /// <summary>What it makes of slices of which this is the first by name.</summary>
    public void Makes(string first, Volume<float> volume) =>
        VolumeFile.Write(folder[$"{first}.nii"], volume);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("PATH", before);
        folder.Dispose();
    }
}
