using System.Numerics;
using KneeSeg.Data.Datasets;

namespace KneeSeg.Data.Phantoms;

/// <summary>
/// How a knee lies in the scanner: mirrored if left, turned, moved, scaled and gently warped. Places are
/// mm with x to posterior, y to inferior and z to lateral.
/// </summary>
internal sealed class Pose
{
    private readonly Matrix4x4 toKnee;
    private readonly Matrix4x4 toFemur;
    private readonly SmoothField[] warp;

    private Pose(
        KneeSide side,
        IReadOnlyList<double> scale,
        Matrix4x4 toKnee,
        Matrix4x4 toFemur,
        SmoothField[] warp
    )
    {
        (Side, Scale) = (side, scale);
        (this.toKnee, this.toFemur, this.warp) = (toKnee, toFemur, warp);
    }

    public KneeSide Side { get; }

    public IReadOnlyList<double> Scale { get; }

    public static Pose Draw(ref SplitMix64 random)
    {
        var side = random.Uniform() < .5 ? KneeSide.Left : KneeSide.Right;
        var turn =
            Matrix4x4.CreateRotationX(Radians(7, ref random))
            * Matrix4x4.CreateRotationY(Radians(7, ref random))
            * Matrix4x4.CreateRotationZ(Radians(9, ref random));
        var move = new Vector3(
            (float)Either(5, ref random),
            (float)Either(6, ref random),
            (float)Either(4, ref random)
        );
        var size = random.Uniform(.90, 1.10);
        double[] scale =
        [
            size * random.Uniform(.96, 1.04),
            size * random.Uniform(.96, 1.04),
            size * random.Uniform(.96, 1.04),
        ];
        SmoothField[] warp =
        [
            SmoothField.Draw(ref random, 45, 8),
            SmoothField.Draw(ref random, 45, 8),
            SmoothField.Draw(ref random, 45, 8),
        ];
        var flexion = Matrix4x4.CreateRotationZ(Radians(8, ref random), new Vector3(2, -20, 0));
        var toKnee =
            Matrix4x4.CreateScale(1, 1, side == KneeSide.Left ? -1 : 1)
            * turn
            * Matrix4x4.CreateTranslation(-move)
            * Matrix4x4.CreateScale(
                (float)(1 / scale[0]),
                (float)(1 / scale[1]),
                (float)(1 / scale[2])
            );
        return new Pose(side, scale, toKnee, flexion, warp);
    }

    /// <summary>The same knee turned and moved in the scanner, a left one in its mirror.</summary>
    public Pose Moved(RigidMotion motion)
    {
        var mirror = Matrix4x4.CreateScale(1, 1, Side == KneeSide.Left ? -1 : 1);
        return new(Side, Scale, mirror * motion.Matrix * mirror * toKnee, toFemur, warp);
    }

    /// <summary>About where in the scanner a place of the knee is, without the warp.</summary>
    public Vector3 FromKnee(Vector3 knee) => Transformed(knee, toKnee);

    /// <summary>About where in the scanner a place of the flexed femur is.</summary>
    public Vector3 FromFemur(Vector3 femur) => FromKnee(Transformed(femur, toFemur));

    /// <summary>A place in the scanner, in the frame of the tibia.</summary>
    public Vector3 ToKnee(Vector3 scanner)
    {
        var place = Vector3.Transform(scanner, toKnee);
        return place + 1.1f * new Vector3(warp[0].At(place), warp[1].At(place), warp[2].At(place));
    }

    /// <summary>A place in the frame of the tibia, in that of the flexed femur.</summary>
    public Vector3 ToFemur(Vector3 knee) => Vector3.Transform(knee, toFemur);

    private static Vector3 Transformed(Vector3 place, Matrix4x4 from)
    {
        Matrix4x4.Invert(from, out var to);
        return Vector3.Transform(place, to);
    }

    private static double Either(double limit, ref SplitMix64 random) =>
        limit * (2 * random.Uniform() - 1);

    private static float Radians(double limit, ref SplitMix64 random) =>
        (float)(Either(limit, ref random) * Math.PI / 180);
}

/// <summary>How a knee lies differently at another scan.</summary>
/// <param name="Degrees">Turned about each axis of the scanner.</param>
/// <param name="Millimeters">Then moved along each.</param>
internal readonly record struct RigidMotion(Vector3 Degrees, Vector3 Millimeters)
{
    public Matrix4x4 Matrix =>
        Matrix4x4.CreateRotationX(Degrees.X * MathF.PI / 180)
        * Matrix4x4.CreateRotationY(Degrees.Y * MathF.PI / 180)
        * Matrix4x4.CreateRotationZ(Degrees.Z * MathF.PI / 180)
        * Matrix4x4.CreateTranslation(Millimeters);

    /// <summary>At most 4° about each axis and 5 mm along each.</summary>
    public static RigidMotion Draw(ref SplitMix64 random) =>
        new(Within(4, ref random), Within(5, ref random));

    private static Vector3 Within(double limit, ref SplitMix64 random) =>
        new(
            (float)random.Uniform(-limit, limit),
            (float)random.Uniform(-limit, limit),
            (float)random.Uniform(-limit, limit)
        );
}
