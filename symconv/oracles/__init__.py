"""Independent definitions, behind a wall.

Views of one form can never find an error in the rule itself. The modules of this room take
torch's raw parameters, do their own channel and group loops and their own output sizes, and
import nothing of symconv but its errors (a test reads the imports).
"""
