"""The text of strangers' files, taken out by a child process that can do nothing else.

`read` is called by the application. `child` is the program that it starts; it locks itself up
(`jail`) before it looks at the file, and has nothing but the open file and a place to write to.
"""

from .texts import Reading, read

__all__ = ["Reading", "read"]
