using KneeSeg.Data.Phantoms;
using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>
/// Synthetic knees, drawn as functions of space: the same seed is the same knee at every size. Bones,
/// cartilages, menisci, ligaments, muscle, fat and fluid overlap in brightness, so that no threshold
/// separates the tissues.
/// </summary>
public static class Phantom
{
    private static readonly double[] Blur = [.24, .24, .45];

    /// <summary>Draws a knee, 140.16 × 140.16 mm in the slices and 112 mm across them.</summary>
    /// <param name="seed">Which knee; half of them are left ones.</param>
    /// <param name="depth">Sagittal slices.</param>
    /// <param name="height">Voxels from superior to inferior.</param>
    /// <param name="width">Voxels from anterior to posterior.</param>
    /// <exception cref="ProblemException">
    /// A size below 4 voxels, or more than 2³⁰ of them (exit 2).
    /// </exception>
    public static PhantomKnee Create(long seed, int depth, int height, int width)
    {
        var lattice = new Lattice(depth, height, width);
        var random = Begin(seed);
        var pose = Pose.Draw(ref random);
        var anatomy = Anatomy.Draw(ref random, pose);
        var contrast = Contrast.Draw(ref random, anatomy);
        var scanner = Scanner.Draw(ref random);

        var labels = new byte[lattice.Size.Count];
        var signal = new float[lattice.Size.Count];
        ForEachVoxel(
            lattice,
            0,
            depth,
            (voxel, i, j, k) =>
            {
                var site = anatomy.At(lattice.Place(i, j, k));
                labels[voxel] = site.Label;
                signal[voxel] = contrast.At(site);
            }
        );
        PointSpread.Blur(signal, lattice.Size, lattice.Spacing, Blur);
        var image = new short[lattice.Size.Count];
        ForEachVoxel(
            lattice,
            0,
            depth,
            (voxel, i, j, k) =>
                image[voxel] = scanner.Measure(
                    signal[voxel] * scanner.Sensitivity(lattice.Place(i, j, k)),
                    ((long)i * width + j) * depth + k
                )
        );
        return new PhantomKnee(
            new Volume<short>(lattice.Grid, image),
            new Volume<byte>(lattice.Grid, labels),
            Describe(pose, anatomy, scanner)
        );
    }

    /// <summary>The labels of one sagittal slice of a knee, superior to inferior fastest.</summary>
    internal static byte[] LabelSlice(long seed, int depth, int height, int width, int slice)
    {
        var lattice = new Lattice(depth, height, width);
        var random = Begin(seed);
        var anatomy = Anatomy.Draw(ref random, Pose.Draw(ref random));
        var labels = new byte[height * width];
        ForEachVoxel(
            lattice,
            slice,
            slice + 1,
            (voxel, i, j, k) =>
                labels[voxel - slice * labels.Length] = anatomy.At(lattice.Place(i, j, k)).Label
        );
        return labels;
    }

    private static SplitMix64 Begin(long seed) =>
        new(unchecked((ulong)seed * 0x2545F4914F6CDD1D + 0x1234567));

    private static void ForEachVoxel(
        Lattice lattice,
        int first,
        int end,
        Action<int, int, int, int> visit
    ) =>
        Parallel.For(
            first,
            end,
            k =>
            {
                var voxel = k * lattice.Size.X * lattice.Size.Y;
                for (var j = 0; j < lattice.Size.Y; j++)
                for (var i = 0; i < lattice.Size.X; i++)
                    visit(voxel++, i, j, k);
            }
        );

    private static KneeParameters Describe(Pose pose, Anatomy anatomy, Scanner scanner) =>
        new(
            pose.Left ? KneeSide.Left : KneeSide.Right,
            pose.Scale,
            anatomy.Thicknesses.Femoral,
            anatomy.Thicknesses.MedialTibial,
            anatomy.Thicknesses.LateralTibial,
            anatomy.Thicknesses.Patellar,
            anatomy.Thicknesses.Gap,
            anatomy.Effusion,
            scanner.Noise,
            scanner.Gain
        );
}
