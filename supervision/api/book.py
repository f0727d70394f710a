"""The one blueprint of the book, on which each module of this package declares its routes."""

from people.edge import Book

api = Book("supervision")
