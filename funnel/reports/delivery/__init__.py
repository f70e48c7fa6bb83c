"""Send a finished edition to those who read it, or say that there is none, once."""

from funnel.reports.delivery.run import Outcome, Sent, deliver

__all__ = ["Outcome", "Sent", "deliver"]
