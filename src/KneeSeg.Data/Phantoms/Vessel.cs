using System.Numerics;

namespace KneeSeg.Data.Phantoms;

/// <summary>A straight vessel behind the joint, bright with slow blood or void with fast.</summary>
internal readonly record struct Vessel(float X, float Z, float Radius, float Intensity, float Slope)
{
    public static Vessel Draw(ref SplitMix64 random) =>
        new(
            (float)random.Uniform(30, 46),
            (float)random.Uniform(-22, 22),
            (float)random.Uniform(1.5, 4),
            (float)random.Uniform(.1, .95),
            (float)random.Uniform(-1, 1)
        );

    public bool Contains(Vector3 place) =>
        new Vector2(place.X - X - .06f * place.Y * Slope, place.Z - Z).LengthSquared()
        < Radius * Radius;
}
