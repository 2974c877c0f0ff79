"""Long work: each job is a process at low priority, its state a file, so that nothing ends with the server."""

from photo_ranker.web.jobs.record import Job, Progress, State
from photo_ranker.web.jobs.runner import Jobs

__all__ = ["Job", "Jobs", "Progress", "State"]
