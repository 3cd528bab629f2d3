using System.Numerics;
using KneeSeg.Imaging;

namespace KneeSeg.Rendering;

/// <summary>A way to look at a scene from far away: parallel rays, light from the upper left, and haze towards the back.</summary>
internal sealed class VolumeRenderer
{
    // Less than a half, so that sheets of one voxel stay closed where they climb in steps.
    private const float Surface = 0.35f;

    private const float Ambient = 0.34f;
    private const float Diffuse = 0.74f;
    private const float Gloss = 0.22f;
    private const float Haze = 0.45f;

    private readonly Vector3 forward;
    private readonly Vector3 right;
    private readonly Vector3 down;
    private readonly Vector3 light;
    private readonly Vector3 glossy;

    /// <summary>Towards posterior with superior on top, then turned.</summary>
    /// <param name="turn">Of the camera around the knee, in degrees: positive to the subject's right.</param>
    /// <param name="raise">Of the camera above the knee, in degrees.</param>
    public VolumeRenderer(double turn, double raise)
    {
        var (yaw, pitch) = ((float)(turn * Math.PI / 180), (float)(raise * Math.PI / 180));
        var ahead = new Vector3(MathF.Cos(yaw), 0, -MathF.Sin(yaw));
        right = new(-MathF.Sin(yaw), 0, -MathF.Cos(yaw));
        forward = MathF.Cos(pitch) * ahead + MathF.Sin(pitch) * Vector3.UnitY;
        down = MathF.Cos(pitch) * Vector3.UnitY - MathF.Sin(pitch) * ahead;
        light = Vector3.Normalize(-0.4f * right - 0.5f * down - forward);
        glossy = Vector3.Normalize(light - forward);
    }

    /// <summary>The extent of a scene's labels in the view, in mm: right of, below and behind the center of its box.</summary>
    public (Vector3 Low, Vector3 High) Seen(RenderScene scene)
    {
        var (low, high) = (new Vector3(float.MaxValue), new Vector3(float.MinValue));
        foreach (var place in scene.Places())
        {
            var from = place - scene.Extent / 2;
            Vector3 seen = new(
                Vector3.Dot(from, right),
                Vector3.Dot(from, down),
                Vector3.Dot(from, forward)
            );
            (low, high) = (Vector3.Min(low, seen), Vector3.Max(high, seen));
        }
        return (low, high);
    }

    /// <summary>Draws a scene.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="low">The nearest corner of the part that is seen, as <see cref="Seen"/> has it.</param>
    /// <param name="high">The farthest corner.</param>
    /// <param name="millimeters">Of a pixel.</param>
    public Raster Draw(RenderScene scene, Vector3 low, Vector3 high, float millimeters)
    {
        // Twice as large, then halved: smooth edges.
        var size = (high - low) / millimeters;
        var picture = Raster.Plain(
            2 * (int)MathF.Round(size.X),
            2 * (int)MathF.Round(size.Y),
            Palette.Ground
        );
        Parallel.For(
            0,
            picture.Height,
            y =>
            {
                for (var x = 0; x < picture.Width; x++)
                {
                    var across = low.X + (x + 0.5f) * millimeters / 2;
                    var below = low.Y + (y + 0.5f) * millimeters / 2;
                    var ray = scene.Extent / 2 + across * right + below * down;
                    picture.Pixels[x + picture.Width * y] = Color(scene, ray, low.Z, high.Z);
                }
            }
        );
        return picture.Halved();
    }

    // What a ray meets first.
    private Rgb Color(RenderScene scene, Vector3 ray, float nearest, float farthest)
    {
        var (at, leave) = Inside(ray, scene.Extent);
        var (before, step, pace) = (at, scene.Step, scene.Pace(forward));
        while (at < leave)
        {
            if (scene.Density(ray + at * forward, out var empty) >= Surface)
            {
                var hit = Meet(scene, ray, before, at);
                var behind = (hit - nearest) / (farthest - nearest);
                return Shaded(scene, ray + hit * forward, behind);
            }
            (before, at) = (at, at + Math.Max(step, empty * pace));
        }
        return Palette.Ground;
    }

    // The way along a ray at which it enters and leaves the box from 0 to the extent.
    private (float Enter, float Leave) Inside(Vector3 start, Vector3 extent)
    {
        var (enter, leave) = (float.MinValue, float.MaxValue);
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
    private float Meet(RenderScene scene, Vector3 start, float outside, float inside)
    {
        for (var i = 0; i < 4; i++)
        {
            var middle = (outside + inside) / 2;
            if (scene.Density(start + middle * forward, out _) >= Surface)
                inside = middle;
            else
                outside = middle;
        }
        return inside;
    }

    private Rgb Shaded(RenderScene scene, Vector3 place, float behind)
    {
        var normal = scene.Normal(place);
        var shade = Ambient + Diffuse * Math.Max(0, Vector3.Dot(normal, light));
        var gloss = Gloss * MathF.Pow(Math.Max(0, Vector3.Dot(normal, glossy)), 24);
        var color = LabelPalette.OnDark(scene.Label(place));
        byte Channel(byte own) => (byte)Math.Clamp(own * shade + 255 * gloss, 0, 255);
        return Palette.Ground.Over(
            new(Channel(color.Red), Channel(color.Green), Channel(color.Blue)),
            Haze * Math.Clamp(behind, 0, 1)
        );
    }
}
