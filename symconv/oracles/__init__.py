"""Independent definitions of the transposed convolution, for comparison.

Comparing different views of one trilinear form cannot reveal an error in the form itself. The
modules of this package take torch's raw parameters, loop over channels and groups themselves,
compute their own output sizes, and may import nothing of symconv but its errors (a test checks
the imports).
"""
