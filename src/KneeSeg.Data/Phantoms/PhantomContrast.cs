namespace KneeSeg.Data.Phantoms;

/// <summary>What makes tissues bright or dark in a phantom's image.</summary>
public enum PhantomContrast
{
    /// <summary>DESS with water excitation: fluid is bright, cartilage gray, fat and marrow dark.</summary>
    Dess,

    /// <summary>T2-weighted, as a late echo: what has a short T2 is dark, fluid stays bright.</summary>
    T2,

    /// <summary>T1-weighted without fat suppression: fat and marrow are bright, fluid is dark.</summary>
    T1,
}
