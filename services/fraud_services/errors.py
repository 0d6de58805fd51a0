"""What goes wrong for good, in one line for whoever started the program."""


class ServiceError(Exception):
    """A mistake in what a service was given: what is wrong, and what to do about it."""

    def __init__(self, what: str, todo: str = "") -> None:
        """``what`` is wrong; ``todo`` about it."""
        super().__init__(f"{what}; {todo}" if todo else what)
