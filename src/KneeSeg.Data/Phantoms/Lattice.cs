using System.Numerics;
using KneeSeg.Imaging;

namespace KneeSeg.Data.Phantoms;

/// <summary>
/// The phantom's voxels: a fixed field of view in any number of them. Axes run to inferior, posterior and
/// right, so that a knee whose lateral side is right is a right knee.
/// </summary>
internal sealed class Lattice
{
    // The limit for reading volumes.
    private const long MostVoxels = 1L << 28;

    private static readonly double[] FieldOfView = [140.16, 140.16, 112];

    /// <exception cref="ProblemException">An invalid size (exit 2).</exception>
    public Lattice(ModelSize size)
    {
        var (depth, height, width) = size;
        if (depth < 4 || height < 4 || width < 4 || size.Count > MostVoxels)
            throw new ProblemException(
                ExitCode.Usage,
                $"phantom size {size}",
                $"is below 4 along an axis or above {MostVoxels:N0} voxels in total",
                "Choose depth x height x width within these limits, such as 48x96x96"
            );
        Size = new Size3(height, width, depth);
        Spacing = [FieldOfView[0] / height, FieldOfView[1] / width, FieldOfView[2] / depth];
        var (inferior, posterior, right) = (Spacing[0], Spacing[1], Spacing[2]);
        Grid = new Grid(Size, new Affine(0, 0, right, 0, 0, -posterior, 0, 0, -inferior, 0, 0, 0));
    }

    public Size3 Size { get; }

    /// <summary>mm along inferior, posterior and right.</summary>
    public double[] Spacing { get; }

    public ModelSpacing ModelSpacing => new(Spacing[2], Spacing[0], Spacing[1]);

    public Grid Grid { get; }

    /// <summary>A voxel's center in mm from the middle: x posterior, y inferior, z right.</summary>
    public Vector3 Place(int inferior, int posterior, int right) =>
        new(Along(1, posterior), Along(0, inferior), Along(2, right));

    private float Along(int axis, int index) =>
        (float)((index + .5) * Spacing[axis] - FieldOfView[axis] / 2);
}
