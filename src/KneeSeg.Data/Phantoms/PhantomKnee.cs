using KneeSeg.Imaging;

namespace KneeSeg.Data.Phantoms;

/// <summary>A synthetic knee with its ground truth.</summary>
/// <param name="Image">DESS-like magnitude image; axes run to inferior, posterior and right.</param>
/// <param name="Labels">On the same grid, in the order of the <c>iwoai</c> profile.</param>
/// <param name="Parameters">Its parameters.</param>
public sealed record PhantomKnee(
    Volume<short> Image,
    Volume<byte> Labels,
    KneeParameters Parameters
);
