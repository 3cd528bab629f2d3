namespace KneeSeg.Data.Patches;

/// <summary>A patch of a case.</summary>
/// <param name="Case">The case's id.</param>
/// <param name="Location">Its location in the case.</param>
/// <param name="Image">[D, H, W]; a slice's D is 1.</param>
/// <param name="Labels">[D, H, W], or [H, W] of the middle slice of a slab.</param>
/// <param name="Position">Of depth, height, width; see <see cref="PatchLocation.Position"/>.</param>
public sealed record Patch(
    string Case,
    PatchLocation Location,
    float[] Image,
    byte[] Labels,
    float[] Position
);
