"""What each operation computes, on handles: one function an operation, by torch's name for it.

A handler takes the tracer and the operation's own arguments, and returns an int64 tensor of
handles, several for several results. Source of every formula: the operation's page in torch's
documentation.
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
