"""The one logger: `logging.getLogger("ticktone")`.

INFO tells of every file done and of what was met in reading it, DEBUG of the networks loaded; an
internal error that costs a file of many is an ERROR with its traceback. ticktone sets no handler
and no level: what is heard is the program's choice.
"""

import logging

LOGGER = logging.getLogger("ticktone")
