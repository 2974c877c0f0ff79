"""A small book of people, for the tests of what users say of them."""

from __future__ import annotations

import pytest

from photo_ranker.people.book import Book, Person


@pytest.fixture
def book() -> Book:
    """Three people of three faces each, who have no names yet."""
    found = Book()
    for letter in "abc":
        found.add_person([f"{letter}{number}" for number in range(3)])
    return found


@pytest.fixture
def anna(book: Book) -> Person:
    return book.people[0]


@pytest.fixture
def ben(book: Book) -> Person:
    return book.people[1]
