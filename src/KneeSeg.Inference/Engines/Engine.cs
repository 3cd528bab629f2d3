namespace KneeSeg.Inference.Engines;

/// <summary>What computes a run's network.</summary>
public enum Engine
{
    /// <summary>Libtorch, as in training.</summary>
    Torch,

    /// <summary>ONNX Runtime.</summary>
    Onnx,
}
