using System.Text.Json.Serialization;

namespace KneeSeg.Data;

/// <summary>The axes of an array in model orientation, slowest first.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelAxis>))]
public enum ModelAxis
{
    /// <summary>Across sagittal slices, towards the subject's right.</summary>
    Depth,

    /// <summary>From superior to inferior.</summary>
    Height,

    /// <summary>From anterior to posterior.</summary>
    Width,
}
