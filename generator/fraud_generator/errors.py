"""What can go wrong, told apart by who can mend it."""


class GeneratorError(Exception):
    """Anything this package refuses or fails at; its text is one clear line for the user."""


class SettingsError(GeneratorError, ValueError):
    """The user's mistake: a setting, a file or a topic that cannot work as given (exit code 2)."""


class SinkError(GeneratorError):
    """A failure of the machine: a broker that cannot be reached, a disk that is full (exit code 1)."""
