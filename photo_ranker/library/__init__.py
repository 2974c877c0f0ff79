"""One index over the metadata of many folders, so that a question about a million faces is answered at once.

It is derived: all of it comes from the folders' metadata files, and folders that have changed are read again. Faces lie
in columns (ids, embeddings in float16, sketches of them, figures) that are memory-mapped, not read. For each photo the
offset of its record in the metadata file is stored, so that only the photos of an answer are read. Rows of a changed
folder are appended; the old ones stay until a quarter of all rows is out of date, then everything is rewritten.
"""

from photo_ranker.library.answering import answer_from, group_library
from photo_ranker.library.layout import LIBRARY_NAME, libraries_of, library_place
from photo_ranker.library.library import Library, open_library, open_usual_library
from photo_ranker.library.update import Changes, update_library, update_usual_library

__all__ = [
    "LIBRARY_NAME",
    "Changes",
    "Library",
    "answer_from",
    "group_library",
    "libraries_of",
    "library_place",
    "open_library",
    "open_usual_library",
    "update_library",
    "update_usual_library",
]
