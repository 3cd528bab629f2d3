using System.Numerics;

namespace KneeSeg.Reports;

/// <summary>A way to look at a scene from far away: parallel rays, light from the upper left, and haze towards the back.</summary>
internal sealed class VoxelView
{
    private const float Ambient = 0.32f;
    private const float Diffuse = 0.78f;
    private const float Gloss = 0.22f;
    private const float Haze = 0.5f;

    private readonly Vector3 forward;
    private readonly Vector3 right;
    private readonly Vector3 down;
    private readonly Vector3 light;
    private readonly Vector3 glossy;

    /// <summary>Towards posterior with superior on top, then turned.</summary>
    /// <param name="turn">Of the camera around the knee, in degrees: positive to the subject's right.</param>
    /// <param name="raise">Of the camera above the knee, in degrees.</param>
    public VoxelView(double turn, double raise)
    {
        var (yaw, pitch) = ((float)(turn * Math.PI / 180), (float)(raise * Math.PI / 180));
        var ahead = new Vector3(MathF.Cos(yaw), 0, -MathF.Sin(yaw));
        right = new(-MathF.Sin(yaw), 0, -MathF.Cos(yaw));
        forward = MathF.Cos(pitch) * ahead + MathF.Sin(pitch) * Vector3.UnitY;
        down = MathF.Cos(pitch) * Vector3.UnitY - MathF.Sin(pitch) * ahead;
        light = Vector3.Normalize(-0.5f * right - 0.65f * down - 0.6f * forward);
        glossy = Vector3.Normalize(light - forward);
    }

    /// <summary>How wide, high and deep a body looks, in mm.</summary>
    /// <param name="extent">Of the box around it.</param>
    public Vector3 Seen(Vector3 extent) =>
        new(
            Vector3.Dot(Vector3.Abs(right), extent),
            Vector3.Dot(Vector3.Abs(down), extent),
            Vector3.Dot(Vector3.Abs(forward), extent)
        );

    /// <summary>Draws a scene.</summary>
    /// <param name="scene">The scene; its middle is in the middle of the picture.</param>
    /// <param name="width">Of the picture, in pixels.</param>
    /// <param name="height">Of the picture, in pixels.</param>
    /// <param name="millimetres">Of a pixel.</param>
    public Raster Draw(VoxelScene scene, int width, int height, float millimetres)
    {
        // Twice as large, then halved: smooth edges.
        var picture = Raster.Plain(2 * width, 2 * height, Palette.Ground);
        Parallel.For(
            0,
            picture.Height,
            y =>
            {
                for (var x = 0; x < picture.Width; x++)
                    picture.Pixels[x + picture.Width * y] = Colour(
                        scene,
                        (x + 0.5f - width) * millimetres / 2,
                        (y + 0.5f - height) * millimetres / 2
                    );
            }
        );
        return picture.Halved();
    }

    // What a ray meets first, so many mm to the right of the middle and below it.
    private Rgb Colour(VoxelScene scene, float across, float below)
    {
        var depth = Seen(scene.Extent).Z;
        var start = scene.Extent / 2 + across * right + below * down - depth / 2 * forward;
        var (enter, leave) = Inside(start, scene.Extent);
        for (var at = enter; at < leave; at += scene.Step)
            if (scene.Tissue(start + at * forward) >= 0.5f)
            {
                var hit = Surface(scene, start, Math.Max(enter, at - scene.Step), at);
                return Shaded(scene, start + hit * forward, hit / depth);
            }
        return Palette.Ground;
    }

    // The way along a ray at which it enters and leaves the box from 0 to the extent.
    private (float Enter, float Leave) Inside(Vector3 start, Vector3 extent)
    {
        var (enter, leave) = (0f, float.MaxValue);
        for (var axis = 0; axis < 3; axis++)
        {
            var (a, b) = (
                -start[axis] / forward[axis],
                (extent[axis] - start[axis]) / forward[axis]
            );
            if (forward[axis] != 0)
                (enter, leave) = (Math.Max(enter, Math.Min(a, b)), Math.Min(leave, Math.Max(a, b)));
            else if (start[axis] < 0 || start[axis] > extent[axis])
                return (0, 0);
        }
        return (enter, leave);
    }

    // Halves the last step until the surface is found to a sixteenth.
    private float Surface(VoxelScene scene, Vector3 start, float outside, float inside)
    {
        for (var i = 0; i < 4; i++)
        {
            var middle = (outside + inside) / 2;
            if (scene.Tissue(start + middle * forward) >= 0.5f)
                inside = middle;
            else
                outside = middle;
        }
        return inside;
    }

    private Rgb Shaded(VoxelScene scene, Vector3 place, float behind)
    {
        var normal = scene.Normal(place);
        var shade = Ambient + Diffuse * Math.Max(0, Vector3.Dot(normal, light));
        var gloss = Gloss * MathF.Pow(Math.Max(0, Vector3.Dot(normal, glossy)), 24);
        var colour = LabelPalette.OnDark(scene.Label(place));
        byte Channel(byte own) => (byte)Math.Clamp(own * shade + 255 * gloss, 0, 255);
        return Palette.Ground.Over(
            new(Channel(colour.Red), Channel(colour.Green), Channel(colour.Blue)),
            Haze * Math.Clamp(behind, 0, 1)
        );
    }
}
