namespace KneeSeg.Imaging;

/// <summary>
/// Model orientation: arrays [depth, height, width] run towards right, inferior and posterior, so that slices read
/// as a radiologist sees a sagittal knee. Turning there and back changes no value; oblique volumes go to the
/// nearest axes.
/// </summary>
public static class Orientation
{
    /// <summary>The axis codes of the first, second and third axis in memory: width, height, depth.</summary>
    public const string ModelCodes = "PIR";

    /// <summary>A volume's grid in model orientation.</summary>
    public static Grid ModelGrid(Grid grid) => OrderFor(grid).Apply(grid);

    /// <summary>A volume in model orientation, without resampling.</summary>
    public static Volume<T> ToModel<T>(Volume<T> volume)
        where T : unmanaged => OrderFor(volume.Grid).Apply(volume);

    /// <summary>A volume in model orientation, in given memory.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="target">Receives the voxels.</param>
    /// <returns>Their grid.</returns>
    public static Grid ToModel<T>(Volume<T> volume, Memory<T> target)
        where T : unmanaged => OrderFor(volume.Grid).Apply(volume, target);

    /// <summary>The inverse of <see cref="ToModel{T}(Volume{T})" />.</summary>
    /// <param name="volume">A volume on the model-oriented grid of <paramref name="original" />.</param>
    /// <param name="original">The grid to go back to, which the result has exactly.</param>
    public static Volume<T> FromModel<T>(Volume<T> volume, Grid original)
        where T : unmanaged
    {
        var order = OrderFor(original);
        return order.Apply(original).Size == volume.Grid.Size
            ? order.Inverse.Apply(volume) with
            {
                Grid = original,
            }
            : throw new ArgumentException(
                $"{volume.Grid.Size} is not {original.Size} turned",
                nameof(volume)
            );
    }

    private static AxisOrder OrderFor(Grid grid) => AxisOrder.Towards(grid.Affine, ModelCodes);
}
