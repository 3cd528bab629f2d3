namespace KneeSeg.Torch.Layers;

/// <summary>A layer that can fold a following batch norm into its weights.</summary>
internal interface IFoldable
{
    /// <summary>One layer equivalent to this one followed by the norm, in prediction.</summary>
    NetworkModule FoldedWith(BatchNormalization norm);
}
