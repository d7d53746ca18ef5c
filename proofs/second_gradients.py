"""Second gradients are the same three operators, because the form is linear in each operand.

`<u, grad_w(x, g)> = <convT(x; u), g> = <x, conv(g; u)>` for every u. Source: the trilinear form.
"""

from symconv.proof import in_rocq

theorem = in_rocq(
    "Form.v",
    "second_gradients",
    "<u, grad_w(x, g)> = <convT_u(x), g> = <x, conv_u(g)>",
    r"\langle u, \nabla_w(x, g) \rangle = \langle \mathrm{convT}_u(x), g \rangle"
    r" = \langle x, \mathrm{conv}_u(g) \rangle",
)
uses = ("adjoint",)
rocq_covers = "any finite index sets and any relation between them, over a commutative ring"
