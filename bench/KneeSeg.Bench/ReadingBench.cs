using KneeSeg.Data.Phantoms;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Bench;

/// <summary>Reading a knee of the challenge's size from <c>.nii.gz</c> as float32, against nibabel.</summary>
internal static class ReadingBench
{
    public static Ratio Run()
    {
        var path = Path.Combine(
            Path.GetTempPath(),
            $"kneeseg-bench-{Environment.ProcessId}.nii.gz"
        );
        try
        {
            VolumeFile.Write(path, Phantom.Create(1, new(160, 384, 384)).Image);
            using var peer = Peer.Python("nibabel_load.py", path);
            return Ratio.Measure("reading", () => VolumeFile.ReadImage(path), peer.Work);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
