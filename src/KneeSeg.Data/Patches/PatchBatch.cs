using KneeSeg.Imaging;

namespace KneeSeg.Data.Patches;

/// <summary>The patches of one training step.</summary>
/// <param name="Epoch">Counted from 0.</param>
/// <param name="Step">Within the epoch, counted from 0.</param>
/// <param name="Cases">The ids of the patches' cases.</param>
/// <param name="Images">
/// [N, C, D, H, W]; a slice's D is 1, or the number of neighboring slices that are its channels.
/// </param>
/// <param name="Labels">[N, D, H, W], or [N, H, W] of slabs' middle slices.</param>
/// <param name="Positions">[N, 3].</param>
public sealed record PatchBatch(
    int Epoch,
    int Step,
    IReadOnlyList<string> Cases,
    float[] Images,
    byte[] Labels,
    float[] Positions
)
{
    /// <summary>What the labels of each patch distinguish, null for every class; empty if all distinguish every class.</summary>
    public IReadOnlyList<LabelGroups?> Groups { get; init; } = [];

    /// <summary>Splits the batch into parts of equal size.</summary>
    public IEnumerable<PatchBatch> Split(int parts)
    {
        if (parts == 1)
            return [this];
        T[][] Chunks<T>(IReadOnlyCollection<T> all) => [.. all.Chunk(all.Count / parts)];
        var (cases, images) = (Chunks(Cases), Chunks(Images));
        var (labels, positions) = (Chunks(Labels), Chunks(Positions));
        var groups = Groups is [] ? null : Chunks(Groups);
        return Enumerable
            .Range(0, parts)
            .Select(i => new PatchBatch(Epoch, Step, cases[i], images[i], labels[i], positions[i])
            {
                Groups = groups?[i].Any(one => one is not null) == true ? groups[i] : [],
            });
    }
}

/// <summary>A patch of a case.</summary>
/// <param name="Case">The case's id.</param>
/// <param name="Location">Its location in the case.</param>
/// <param name="Image">[C, D, H, W]; see <see cref="PatchBatch.Images"/>.</param>
/// <param name="Labels">[D, H, W], or [H, W] of the middle slice of a slab.</param>
/// <param name="Position">Of depth, height, width; see <see cref="PatchLocation.Position"/>.</param>
public sealed record Patch(
    string Case,
    PatchLocation Location,
    float[] Image,
    byte[] Labels,
    float[] Position
);
