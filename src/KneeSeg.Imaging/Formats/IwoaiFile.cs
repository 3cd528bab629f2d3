using PureHDF;

namespace KneeSeg.Imaging.Formats;

/// <summary>
/// The files of the IWOAI 2019 segmentation challenge: HDF5 with one dataset <c>data</c>, an image (<c>.im</c>) of
/// (H, W, D), or labels (<c>.seg</c>) of (H, W, D, structures) without background; label = channel + 1.
/// H runs to inferior, W to posterior, D across the sagittal slices, written towards the right. They store neither
/// spacing nor side.
/// </summary>
public static class IwoaiFile
{
    /// <summary>The axis codes of the files.</summary>
    internal const string AxisCodes = "IPR";

    /// <summary>The same axes from the fastest in an HDF5 file to the slowest.</summary>
    internal const string MemoryCodes = "RPI";

    /// <summary>Writes an image, reoriented to the format's axes.</summary>
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    public static void WriteImage(string path, Volume<float> image)
    {
        var (size, voxels) = InMemoryOrder(image);
        WriteData(path, voxels, [(ulong)size.Z, (ulong)size.Y, (ulong)size.X]);
    }

    /// <summary>Writes labels as one channel each, reoriented to the format's axes.</summary>
    /// <param name="path">The target file.</param>
    /// <param name="labels">0 for background, 1 to <paramref name="structures" />.</param>
    /// <param name="structures">How many channels.</param>
    /// <exception cref="ProblemException">A label exceeds the number of channels (exit 3), or the file can't be written (exit 6).</exception>
    public static void WriteLabels(string path, Volume<byte> labels, int structures)
    {
        var (size, voxels) = InMemoryOrder(labels);
        var channels = VoxelMemory.Allocate<byte>(path, size.Count * structures);
        Array.Clear(channels);
        for (var i = 0; i < voxels.Length; i++)
        {
            if (voxels[i] > structures)
                throw new ProblemException(
                    ExitCode.Data,
                    path,
                    $"label {voxels[i]} does not fit into {structures} channels",
                    "Write it as NIfTI, or with as many channels as there are labels"
                );
            if (voxels[i] > 0)
                channels[(long)i * structures + voxels[i] - 1] = 1;
        }
        WriteData(path, channels, [(ulong)size.Z, (ulong)size.Y, (ulong)size.X, (ulong)structures]);
    }

    private static (Size3 Size, T[] Voxels) InMemoryOrder<T>(Volume<T> volume)
        where T : unmanaged
    {
        var turned = AxisOrder.Towards(volume.Grid.Affine, MemoryCodes).Apply(volume);
        return (turned.Grid.Size, turned.Voxels);
    }

    private static void WriteData<T>(string path, T[] values, ulong[] sizes) =>
        AtomicFile.Write(
            path,
            stream => new H5File { ["data"] = new H5Dataset(values, fileDims: sizes) }.Write(stream)
        );
}
