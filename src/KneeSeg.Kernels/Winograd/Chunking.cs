namespace KneeSeg.Kernels.Winograd;

/// <summary>A tile of an image.</summary>
internal readonly record struct Tile(int Image, int Depth, int Height, int Width);

/// <summary>How the tiles of a map are divided: by its size alone, whatever the number of threads.</summary>
internal sealed unsafe class Chunking
{
    /// <summary>Tasks of a map, where its size allows so many.</summary>
    public const int Tasks = 8;

    // Floats of the points of a chunk, inputs and outputs: half of a second-level cache.
    private const int Cached = 1 << 18;

    private readonly Extent tiles;
    private readonly int count;

    /// <param name="images">N.</param>
    /// <param name="tiles">Of an image.</param>
    /// <param name="points">Of a tile.</param>
    /// <param name="inputBlocks">Of 16 channels.</param>
    /// <param name="outputBlocks">Of 16 channels.</param>
    /// <param name="tasks">So many chunks at least, where there are enough tiles.</param>
    public Chunking(
        int images,
        Extent tiles,
        int points,
        int inputBlocks,
        int outputBlocks,
        int tasks
    )
    {
        this.tiles = tiles;
        count = images * (int)tiles.Voxels;
        var cached = Cached / (points * (inputBlocks + outputBlocks) * 16);
        var shared = (count + tasks - 1) / tasks;
        Length = Math.Max(1, Math.Min(cached, shared) / Panels.SingleRows) * Panels.SingleRows;
        Count = (count + Length - 1) / Length;
        Groups = Math.Clamp(Tasks / Math.Min(tasks, Count), 1, (outputBlocks + 1) / 2);
        PointOfInputs = (nint)inputBlocks * Length * 16 + 16;
        PointOfOutputs = (nint)outputBlocks * Length * 16 + 16;
    }

    /// <summary>Tiles of a chunk, a multiple of the rows that are computed at once.</summary>
    public int Length { get; }

    public int Count { get; }

    /// <summary>Of the blocks of outputs, where chunks alone are too few tasks.</summary>
    public int Groups { get; }

    /// <summary>Floats from a point of the inputs to the next.</summary>
    public nint PointOfInputs { get; }

    /// <summary>Floats from a point of the outputs to the next.</summary>
    public nint PointOfOutputs { get; }

    /// <summary>The tiles of a chunk; returns how many.</summary>
    public int Fill(Tile* chunk, int index)
    {
        var first = index * Length;
        var filled = Math.Min(Length, count - first);
        for (var i = 0; i < filled; i++)
        {
            var column = (first + i) / tiles.Depth;
            chunk[i] = new(
                column / (int)tiles.Plane,
                (first + i) % tiles.Depth,
                column / tiles.Width % tiles.Height,
                column % tiles.Width
            );
        }
        return filled;
    }
}
