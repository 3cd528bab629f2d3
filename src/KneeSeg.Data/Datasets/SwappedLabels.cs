namespace KneeSeg.Data;

/// <summary>Two labels that change places.</summary>
public readonly record struct SwappedLabels(byte First, byte Second);
