"""One index over the metadata of many folders, so that a question to a million faces is answered at once.

It is derived: everything in it comes from the folders' JSON files, and what has changed there is read again. The
faces lie in columns (ids, embeddings in float16, sketches of them, figures) that are mapped into memory, not read;
of each photo the place of its record in the JSON file is known, so that the photos of an answer, and no others, are
read as they are. Rows of a folder that has changed are added at the end; what they replace is left behind until a
quarter of all rows is out of date, then everything is written again.
"""

from photo_ranker.library.answering import answer_from
from photo_ranker.library.grouping import group_library
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
