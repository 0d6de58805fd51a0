"""What can go wrong, told apart by who can mend it; the text is one line for the user."""


class FraudctlError(Exception):
    """A failure with a cause that can be told: what happened, and what to do about it."""

    exit_code = 1

    def __init__(self, what: str, todo: str = "") -> None:
        """``what`` happened; ``todo`` about it."""
        super().__init__(f"{what}; {todo}" if todo else what)


class MachineError(FraudctlError):
    """The machine's failure (exit code 1): no Java, no disk, no broker."""


class UserError(FraudctlError):
    """The user's mistake (exit code 2): a wrong file, option or name."""

    exit_code = 2
