"""Why a report may not be written."""


class ReportLeaks(RuntimeError):
    """A report would hold an identity, or it could not be searched to its end. It was not written."""
