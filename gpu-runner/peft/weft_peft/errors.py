"""What ends a trainer."""


class Refused(Exception):
    """What a person can mend: a code, and what was wrong and what to do. The job fails with it."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


class Stopped(Exception):
    """The edge wants nothing more of this trainer: the job was cancelled, or another trainer has it."""
