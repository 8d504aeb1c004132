"""How a command says that it cannot do what was asked: a sentence and an exit code, no trace."""

from starters.exit_codes import ExitCode


class CommandFailed(Exception):
    """A mistake of the user, or a server that does not answer; the text is for the user."""

    def __init__(self, message: str, code: int = ExitCode.ERROR) -> None:
        super().__init__(message)
        self.code = code


class ReleaseNotFound(CommandFailed):
    """No release of that name or id is known to Temporal any more."""

    def __init__(self, message: str) -> None:
        super().__init__(message, ExitCode.USAGE)


class NobodyAnswers(CommandFailed):
    """Temporal is there, and no worker takes the question, or Temporal itself is gone."""

    def __init__(self, message: str) -> None:
        super().__init__(message, ExitCode.UNAVAILABLE)
