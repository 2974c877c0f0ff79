"""The local web app: see, correct and take home what the library finds."""

from photo_ranker.web.app import create_app
from photo_ranker.web.options import UploadLimits, WebOptions

__all__ = ["UploadLimits", "WebOptions", "create_app"]
