using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;

namespace KneeSeg.Data.Phantoms;

/// <summary>
/// Synthetic knees, drawn as functions of space: the same seed is the same knee at every size. Bones,
/// cartilages, menisci, ligaments, muscle, fat and fluid overlap in intensity, so that no threshold
/// separates the structures.
/// </summary>
public static class Phantom
{
    private static readonly double[] Blur = [.24, .24, .45];

    /// <summary>Draws a knee, 140.16 × 140.16 mm in the slices and 112 mm across them.</summary>
    /// <param name="seed">Which knee; half of them are left ones.</param>
    /// <param name="size">How many voxels.</param>
    /// <param name="weighting">The contrast. All images of a knee lie on one grid, with noise of their own.</param>
    /// <exception cref="ProblemException">
    /// A size below 4 voxels along an axis, or more than 2²⁸ in all (exit 2).
    /// </exception>
    public static PhantomKnee Create(
        long seed,
        ModelSize size,
        PhantomContrast weighting = PhantomContrast.Dess
    ) => Create(new PhantomScan(seed), size, weighting);

    /// <summary>Draws a scan of a knee.</summary>
    internal static PhantomKnee Create(
        PhantomScan scan,
        ModelSize size,
        PhantomContrast weighting = PhantomContrast.Dess
    )
    {
        var lattice = new Lattice(size);
        var random = Begin(scan.Seed);
        var anatomy = scan.Of(DrawAnatomy(ref random));
        var contrast = Contrast.Draw(ref random, anatomy, weighting);
        var scanner = scan.Of(Scanner.Draw(ref random, (ulong)weighting), (ulong)weighting);

        var labels = new byte[lattice.Size.Count];
        var signal = new float[lattice.Size.Count];
        ForEachVoxel(
            lattice,
            0,
            size.Depth,
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
            size.Depth,
            (voxel, i, j, k) =>
                image[voxel] = scanner.Measure(
                    signal[voxel] * scanner.Sensitivity(lattice.Place(i, j, k)),
                    ((long)i * size.Width + j) * size.Depth + k
                )
        );
        return new PhantomKnee(
            new Volume<short>(lattice.Grid, image),
            new Volume<byte>(lattice.Grid, labels),
            Describe(anatomy, scanner)
        );
    }

    /// <summary>The anatomy of a knee, as it lies in its first scan.</summary>
    internal static Anatomy AnatomyOf(long seed)
    {
        var random = Begin(seed);
        return DrawAnatomy(ref random);
    }

    /// <summary>The labels of one sagittal slice of a scan, [H, W].</summary>
    internal static byte[] LabelSlice(PhantomScan scan, ModelSize size, int slice)
    {
        var lattice = new Lattice(size);
        var anatomy = scan.Of(AnatomyOf(scan.Seed));
        var labels = new byte[size.Height * size.Width];
        ForEachVoxel(
            lattice,
            slice,
            slice + 1,
            (_, i, j, k) => labels[i * size.Width + j] = anatomy.At(lattice.Place(i, j, k)).Label
        );
        return labels;
    }

    /// <summary>Which side a knee is, without drawing it.</summary>
    internal static KneeSide SideOf(long seed)
    {
        var random = Begin(seed);
        return Pose.Draw(ref random).Side;
    }

    private static SplitMix64 Begin(long seed) =>
        new(unchecked((ulong)seed * 0x2545F4914F6CDD1D + 0x1234567));

    private static Anatomy DrawAnatomy(ref SplitMix64 random)
    {
        var pose = Pose.Draw(ref random);
        return Anatomy.Draw(ref random, pose);
    }

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

    private static KneeParameters Describe(Anatomy anatomy, Scanner scanner) =>
        new(
            anatomy.Pose.Side,
            anatomy.Pose.Scale,
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

/// <summary>A synthetic knee with its ground truth.</summary>
/// <param name="Image">Magnitude image; axes run to inferior, posterior and right.</param>
/// <param name="Labels">On the same grid, in the order of the <c>iwoai</c> profile.</param>
/// <param name="Parameters">Its parameters.</param>
public sealed record PhantomKnee(
    Volume<short> Image,
    Volume<byte> Labels,
    KneeParameters Parameters
);

/// <summary>The parameters of a phantom.</summary>
/// <param name="Side">A left knee is a mirrored right one.</param>
/// <param name="Scale">Size against the average along posterior, inferior and lateral.</param>
/// <param name="FemoralCartilage">Typical thickness, mm.</param>
/// <param name="MedialTibialCartilage">Thickness at the middle of the plateau, mm.</param>
/// <param name="LateralTibialCartilage">Thickness at the middle of the plateau, mm.</param>
/// <param name="PatellarCartilage">Thickness at its middle, mm.</param>
/// <param name="JointGap">Between femoral and tibial cartilage, mm.</param>
/// <param name="Effusion">Fluid in the joint, 0 to 1.</param>
/// <param name="Noise">Standard deviation of the Rician noise, where fluid is 1.</param>
/// <param name="Gain">Image value of fluid.</param>
public sealed record KneeParameters(
    KneeSide Side,
    IReadOnlyList<double> Scale,
    double FemoralCartilage,
    double MedialTibialCartilage,
    double LateralTibialCartilage,
    double PatellarCartilage,
    double JointGap,
    double Effusion,
    double Noise,
    double Gain
);
