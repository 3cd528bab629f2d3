namespace KneeSeg.Imaging;

/// <summary>
/// From voxel index (i, j, k) to RAS+ millimetres: x grows to the right, y to the front, z to the head.
/// The three rows of a 4×4 matrix whose last row is (0, 0, 0, 1).
/// </summary>
public readonly record struct Affine(
    double M00,
    double M01,
    double M02,
    double M03,
    double M10,
    double M11,
    double M12,
    double M13,
    double M20,
    double M21,
    double M22,
    double M23
);
