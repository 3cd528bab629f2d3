using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;
using KneeSeg.Morphometry.Meshes;

namespace KneeSeg.Morphometry;

/// <summary>Maps and meshes of a knee as files.</summary>
public static class MorphometryFiles
{
    /// <summary>Writes <c>ID_thickness.nii.gz</c> and <c>ID_regions.nii.gz</c>, and the names of the regions for viewers.</summary>
    /// <param name="folder">Where; made if needed.</param>
    /// <param name="id">The case.</param>
    /// <param name="labels">The labels that the knee was measured on.</param>
    /// <param name="knee">Its plates.</param>
    /// <exception cref="ProblemException">The folder can't be written (exit 6).</exception>
    public static void WriteMaps(string folder, string id, Volume<byte> labels, Knee knee)
    {
        var map = PlateMap.Of(labels, knee);
        VolumeFile.Write(Path.Combine(folder, $"{id}_thickness.nii.gz"), map.Thickness);
        VolumeFile.Write(Path.Combine(folder, $"{id}_regions.nii.gz"), map.Regions);
        ColorTables.Write(folder, RegionNumbers.Names);
    }

    /// <summary>Writes the surface of each structure, and of each plate's bone.</summary>
    /// <param name="folder">Where; made if needed.</param>
    /// <param name="id">The case.</param>
    /// <param name="labels">The labels that the knee was measured on.</param>
    /// <param name="names">Their names, the background's first.</param>
    /// <param name="knee">Its plates.</param>
    /// <param name="format">Of the files.</param>
    /// <exception cref="ProblemException">The folder can't be written (exit 6).</exception>
    public static void WriteMeshes(
        string folder,
        string id,
        Volume<byte> labels,
        IReadOnlyList<string> names,
        Knee knee,
        MeshFormat format
    )
    {
        foreach (var (label, body) in SurfaceNets.Of(labels))
            Write("", names[label], body);
        foreach (var (label, plate) in knee.Plates)
            Write("_bone", names[label], PlateMesh.Of(plate));

        void Write(string part, string structure, SurfaceMesh mesh) =>
            MeshFile.Write(
                Path.Combine(
                    folder,
                    $"{id}_{structure.Replace(' ', '-')}{part}{MeshFile.ExtensionOf(format)}"
                ),
                mesh,
                format
            );
    }
}
