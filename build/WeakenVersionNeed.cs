// A build task, compiled by MSBuild itself (see Directory.Build.targets) and no part of the KneeSeg.Torch assembly.
using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies a 64-bit little-endian ELF library, marking one version that it demands of another library as weak: the
/// loader then accepts a library that lacks it. A library without that demand is copied as it is.
/// </summary>
/// <remarks>
/// Linux Standard Base, "Symbol Versioning": a section of type SHT_GNU_verneed holds a chain of Verneed records, each
/// with a chain of Vernaux records (hash, flags, other, name, next), whose names lie in the section that it links to.
/// </remarks>
public sealed class WeakenVersionNeed : Task
{
    private const uint VersionNeeds = 0x6ffffffe;
    private const ushort Weak = 0x2;

    /// <summary>The library to read.</summary>
    [Required]
    public string Source { get; set; }

    /// <summary>Where the copy goes. It appears whole or not at all, and is never written through a link.</summary>
    [Required]
    public string Destination { get; set; }

    /// <summary>The version to weaken, such as GLIBCXX_3.4.32.</summary>
    [Required]
    public string Version { get; set; }

    /// <summary>Writes the copy.</summary>
    public override bool Execute()
    {
        var image = File.ReadAllBytes(Source);
        if (
            image.Length < 64
            || BitConverter.ToUInt32(image, 0) != 0x464c457f
            || image[4] != 2
            || image[5] != 1
        )
        {
            Log.LogError("{0} is no 64-bit little-endian ELF library", Source);
            return false;
        }

        Weaken(image);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(Destination)));
        var temporary = Destination + "." + Guid.NewGuid().ToString("N");
        File.WriteAllBytes(temporary, image);
        File.Delete(Destination);
        File.Move(temporary, Destination);
        return true;
    }

    private void Weaken(byte[] image)
    {
        var sections = (int)BitConverter.ToUInt64(image, 0x28);
        int size = BitConverter.ToUInt16(image, 0x3a);
        int count = BitConverter.ToUInt16(image, 0x3c);
        for (var i = 0; i < count; i++)
        {
            var section = sections + i * size;
            if (BitConverter.ToUInt32(image, section + 4) != VersionNeeds)
                continue;
            var names = sections + (int)BitConverter.ToUInt32(image, section + 0x28) * size;
            WeakenIn(
                image,
                need: (int)BitConverter.ToUInt64(image, section + 0x18),
                names: (int)BitConverter.ToUInt64(image, names + 0x18)
            );
        }
    }

    private void WeakenIn(byte[] image, int need, int names)
    {
        while (true)
        {
            var version = need + (int)BitConverter.ToUInt32(image, need + 8);
            for (int left = BitConverter.ToUInt16(image, need + 2); left > 0; left--)
            {
                if (
                    NameAt(image, names + (int)BitConverter.ToUInt32(image, version + 8)) == Version
                )
                    image[version + 4] |= (byte)Weak;
                version += (int)BitConverter.ToUInt32(image, version + 12);
            }

            var next = (int)BitConverter.ToUInt32(image, need + 12);
            if (next == 0)
                return;
            need += next;
        }
    }

    private static string NameAt(byte[] image, int start)
    {
        var end = Array.IndexOf(image, (byte)0, start);
        return Encoding.ASCII.GetString(image, start, end - start);
    }
}
