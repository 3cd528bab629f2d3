namespace KneeSeg.Data;

/// <summary>Two labels that change places.</summary>
public readonly record struct LabelPair(byte First, byte Second);
