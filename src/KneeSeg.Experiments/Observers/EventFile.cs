using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;
using Tensorboard;

namespace KneeSeg.Experiments.Observers;

/// <summary>
/// A TensorBoard event file: TFRecords, each an <see cref="Event"/>. Events are appended; a kill can only truncate the last
/// one, which TensorBoard skips.
/// </summary>
internal sealed class EventFile : IDisposable
{
    // CRC-32C, rotated and shifted so that checksums of checksums don't cancel out.
    private const uint MaskDelta = 0xa282ead8;

    private readonly FileStream file;

    private EventFile(FileStream file) => this.file = file;

    /// <summary>Starts a new file in a folder.</summary>
    /// <param name="folder">Created if missing.</param>
    /// <param name="step">The step at which the run resumes: later events of older files are discarded.</param>
    /// <exception cref="ProblemException">The folder can't be written (exit 6).</exception>
    public static EventFile Start(string folder, long step)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        // TensorBoard reads files in the order of their names; the process id distinguishes files of the same second.
        var name =
            $"events.out.tfevents.{now / 1000:D10}.{Environment.MachineName}.{Environment.ProcessId}.{now % 1000:D3}";
        EventFile? events = null;
        Writing(
            folder,
            () =>
            {
                Directory.CreateDirectory(folder);
                events = new EventFile(File.Create(Path.Combine(folder, name)));
                events.Append(new() { FileVersion = "brain.Event:2" });
                events.Append(
                    new()
                    {
                        Step = step,
                        SessionLog = new() { Status = SessionLog.Types.SessionStatus.Start },
                    }
                );
            }
        );
        return events!;
    }

    /// <summary>A number at a step.</summary>
    /// <param name="tag">Such as <c>loss/epoch</c>: charts are grouped by the part before the slash.</param>
    /// <param name="step">The step.</param>
    /// <param name="value">The number.</param>
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    public void Scalar(string tag, long step, double value) =>
        Append(step, new() { Tag = tag, SimpleValue = (float)value });

    /// <summary>A picture at a step.</summary>
    /// <param name="tag">Such as <c>validation/knee-0007</c>.</param>
    /// <param name="step">The step.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <param name="png">The picture as PNG, in color.</param>
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    public void Picture(string tag, long step, int width, int height, byte[] png)
    {
        const int rgb = 3;
        var image = new Summary.Types.Image
        {
            Height = height,
            Width = width,
            Colorspace = rgb,
            EncodedImageString = ByteString.CopyFrom(png),
        };
        Append(step, new() { Tag = tag, Image = image });
    }

    /// <summary>Flushes all events to the file.</summary>
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    public void Flush() => Writing(file.Name, file.Flush);

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private void Append(long step, Summary.Types.Value value) =>
        Writing(
            file.Name,
            () =>
                Append(
                    new()
                    {
                        Step = step,
                        Summary = new() { Value = { value } },
                    }
                )
        );

    private void Append(Event content)
    {
        content.WallTime = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
        var data = content.ToByteArray();
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)data.Length);
        file.Write(length);
        WriteChecksum(length);
        file.Write(data);
        WriteChecksum(data);
    }

    private void WriteChecksum(ReadOnlySpan<byte> bytes)
    {
        var crc = ~0u;
        foreach (var one in bytes)
            crc = BitOperations.Crc32C(crc, one);
        Span<byte> masked = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(
            masked,
            BitOperations.RotateRight(~crc, 15) + MaskDelta
        );
        file.Write(masked);
    }

    private static void Writing(string where, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (WriteError.Matches(e))
        {
            throw WriteError.Problem(where, e, "Free some disk space and rerun the same command");
        }
    }
}
