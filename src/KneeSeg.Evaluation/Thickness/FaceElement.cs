using KneeSeg.Imaging;

namespace KneeSeg.Evaluation;

/// <summary>A piece of a sheet's face, the side of a voxel.</summary>
/// <param name="Place">Its middle in RAS+ mm.</param>
/// <param name="Outwards">The unit vector out of the sheet, steps of voxels evened out.</param>
/// <param name="Area">How much of the true face it stands for, in mm².</param>
internal readonly record struct FaceElement(Point3 Place, Point3 Outwards, double Area);
