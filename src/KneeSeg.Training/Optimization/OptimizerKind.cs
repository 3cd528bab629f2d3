namespace KneeSeg.Training.Optimization;

/// <summary>The optimizers.</summary>
public enum OptimizerKind
{
    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019).</summary>
    AdamW,

    /// <summary>Adam (Kingma and Ba 2015), with Keras's ε of 1e-7.</summary>
    Adam,

    /// <summary>RMSProp (Tieleman and Hinton 2012).</summary>
    RmsProp,

    /// <summary>Gradient descent with Nesterov's momentum (Sutskever et al. 2013).</summary>
    Sgd,
}
