"""What stops a report from being written."""


class ReportLeaks(RuntimeError):
    """A report would have held an identity, or could not be searched to its end; it was not written."""
