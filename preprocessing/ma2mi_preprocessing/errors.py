"""The one exception that the command line and the service show to a person as a single line."""


class InputError(ValueError):
    """Something that the user gave cannot be used.

    The message is one line and says three things: what is wrong, where (file, row, clip), and what
    to do. Raised for files, options and stores; a wrong array argument is a plain ``ValueError``.
    """
