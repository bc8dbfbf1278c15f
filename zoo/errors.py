"""The one error a user is meant to read."""


class UserError(Exception):
    """A mistake the user can mend.

    Its message is one line that says what happened and what to do; the command line prints that
    line on standard error and exits with code 2, without a traceback.
    """
