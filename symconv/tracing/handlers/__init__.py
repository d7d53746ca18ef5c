"""The formulas of the supported aten operations on handles, by torch's names of the operations.

A handler takes the tracer and the operation's own arguments. It returns an int64 tensor of handles,
or several for an operation with several results; comparisons return booleans and `.item()` a float.
Source of every formula: the operation's page in torch's documentation.
"""

from symconv.tracing.handlers import (
    constants,
    convolutions,
    elementwise,
    indexed,
    sums,
)
from symconv.tracing.handlers import (
    matmul as products,
)

HANDLERS = {
    **elementwise.HANDLERS,
    **sums.HANDLERS,
    **products.HANDLERS,
    **indexed.HANDLERS,
    **convolutions.HANDLERS,
    **constants.HANDLERS,
}
