namespace KneeSeg.Torch;

/// <summary>A layer that can take a batch norm behind it into its weights.</summary>
internal interface IFoldable
{
    /// <summary>One layer that does what this one and then the norm do in prediction.</summary>
    NetworkModule FoldedWith(BatchNormalization norm);
}
