namespace KneeSeg.Data.Datasets;

/// <summary>Two labels that are swapped.</summary>
public readonly record struct SwappedLabels(byte First, byte Second);
