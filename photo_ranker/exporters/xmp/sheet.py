"""The properties of an XMP document, simple ones and lists, in every form that RDF allows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.dom import minidom

from photo_ranker.exporters.xmp.document import NAMESPACES, XMLNS, NotXmp, elements, name_of

__all__ = ["Sheet"]

_LISTS = ("Bag", "Seq", "Alt")
"""RDF's kinds of lists."""
RDF = NAMESPACES["rdf"]
_VALUES = ("value", "resource")
"""RDF's attributes that hold the text of a property."""


class Sheet:
    """Reads and changes properties; everything else in the document stays as it is."""

    def __init__(self, document: minidom.Document) -> None:
        self._document = document
        found = document.getElementsByTagNameNS(RDF, "RDF")
        if not found:
            raise NotXmp("damaged (it holds no RDF)")
        self._rdf = found[0]

    @property
    def descriptions(self) -> list[minidom.Element]:
        """The blocks with properties of the photo; some programs write one per namespace."""
        return [node for node in elements(self._rdf) if _is(node, "rdf:Description")]

    def text(self, name: str) -> str | None:
        """The text of a simple property, from an attribute or an element; None if it is absent."""
        for block in self.descriptions:
            if block.hasAttributeNS(*name_of(name)):
                return str(block.getAttributeNS(*name_of(name))).strip()
        element = self.element(name)
        return None if element is None else _text(element)

    def set_text(self, name: str, value: str) -> None:
        """Write a simple property, as an element or an attribute, whichever it is already."""
        element = self.element(name)
        holder = next((block for block in self.descriptions if block.hasAttributeNS(*name_of(name))), None)
        if holder is None and element is not None:
            _empty(element)
            element.appendChild(self._document.createTextNode(value))
        else:
            self.set_field(holder or self._first(), name, value)

    def drop(self, name: str) -> None:
        """Remove a property in every form."""
        for block in self.descriptions:
            if block.hasAttributeNS(*name_of(name)):
                block.removeAttributeNS(*name_of(name))
        while (element := self.element(name)) is not None:
            remove(element)

    def items(self, name: str) -> list[str]:
        """The texts of a list; a single text counts as a list of one."""
        element = self.element(name)
        if element is not None:
            inner = list_in(element)
            return [_text(item) for item in (elements(inner) if inner else [element]) if _text(item)]
        single = self.text(name)
        return [single] if single else []

    def add_items(self, name: str, items: Iterable[str], kind: str = "Bag") -> None:
        """Append texts to a list, which is created if there is none."""
        inner = self.list_of(name, kind)
        for item in items:
            line = self.append(inner, "rdf:li")
            line.appendChild(self._document.createTextNode(item))

    def drop_items(self, name: str, items: Iterable[str]) -> None:
        """Remove texts from a list; an empty list is removed too."""
        element = self.element(name)
        inner = None if element is None else list_in(element)
        if element is None or inner is None:
            return
        doomed = set(items)
        for item in list(elements(inner)):
            if _text(item) in doomed:
                remove(item)
        self.prune(inner, element)

    def prune(self, *nodes: minidom.Element) -> None:
        """Remove elements without children; name the inner ones first."""
        for node in nodes:
            if not any(elements(node)):
                remove(node)

    def element(self, name: str) -> minidom.Element | None:
        """The element of a property; None if it is absent, or an attribute."""
        return next((node for block in self.descriptions for node in elements(block) if _is(node, name)), None)

    def list_of(self, name: str, kind: str, within: minidom.Element | None = None) -> minidom.Element:
        """The list of a property of the photo, or of a structure; created if there is none."""
        if within is None:
            element, single = self.element(name), self.text(name) if self.element(name) is None else None
        else:
            element, single = next((node for node in elements(within) if _is(node, name)), None), None
        if element is None:
            if single is not None:
                self.drop(name)  # an attribute; its text becomes the first item of the list
            element = self.append(within or self._first(), name)
        inner = list_in(element)
        if inner is None:
            single = single or _text(element)
            _empty(element)
            inner = self.append(element, f"rdf:{kind}")
            if single:
                self.append(inner, "rdf:li").appendChild(self._document.createTextNode(single))
        return inner

    def structure(self, name: str) -> minidom.Element:
        """The node that holds the fields of a structure; created if there is none."""
        element = self.element(name)
        if element is None:
            element = self.append(self._first(), name)
            self.set_field(element, "rdf:parseType", "Resource")
        return next((node for node in elements(element) if _is(node, "rdf:Description")), element)

    def append(self, parent: minidom.Element, name: str) -> minidom.Element:
        """Append a new element to another, on its own line and indented."""
        made: minidom.Element = self._document.createElementNS(name_of(name)[0], self.qualified(parent, name))
        depth = _depth(parent)
        last = parent.lastChild
        if isinstance(last, minidom.Text) and not last.data.strip():
            parent.removeChild(last)
        parent.appendChild(self._document.createTextNode("\n" + " " * (depth + 1)))
        parent.appendChild(made)
        parent.appendChild(self._document.createTextNode("\n" + " " * depth))
        return made

    def set_field(self, node: minidom.Element, name: str, value: str) -> None:
        """Write an attribute."""
        node.setAttributeNS(name_of(name)[0], self.qualified(node, name), value)

    def fields(self, node: minidom.Element) -> Iterator[tuple[tuple[str, str], str]]:
        """Names and texts of a structure's fields: attributes and elements, also those of a nested description."""
        for attribute in node.attributes.values():
            if attribute.namespaceURI not in {XMLNS, RDF}:
                yield (attribute.namespaceURI or "", attribute.localName), attribute.value.strip()
        for child in elements(node):
            if _is(child, "rdf:Description"):
                yield from self.fields(child)
            else:
                yield (child.namespaceURI or "", child.localName), _text(child)

    def qualified(self, node: minidom.Element, name: str) -> str:
        """The name with the prefix of its namespace in this document; a missing prefix is declared."""
        namespace, local = name_of(name)
        wanted = name.partition(":")[0]
        bound = _prefixes(node)
        if prefix := next((prefix for prefix, uri in bound.items() if uri == namespace and prefix), None):
            return f"{prefix}:{local}"
        # If the prefix stands for another namespace here, choose a free one.
        while wanted in bound:
            wanted += "0"
        holder = next((each for each in _upwards(node) if _is(each, "rdf:Description")), node)
        holder.setAttributeNS(XMLNS, f"xmlns:{wanted}", namespace)
        return f"{wanted}:{local}"

    def adopt(self, element: minidom.Element) -> None:
        """Append a copy of another document's property, with declarations of its prefixes."""
        copy = self._document.importNode(element, deep=True)
        for prefix, uri in _prefixes(element).items():
            copy.setAttributeNS(XMLNS, f"xmlns:{prefix}", uri)
        self._first().appendChild(copy)

    def _first(self) -> minidom.Element:
        if not self.descriptions:
            made = self.append(self._rdf, "rdf:Description")
            self.set_field(made, "rdf:about", "")
        return self.descriptions[0]


def list_in(element: minidom.Element) -> minidom.Element | None:
    """The list in a property: a bag, a sequence or an alternative."""
    return next(
        (node for node in elements(element) if node.namespaceURI == RDF and node.localName in _LISTS),
        None,
    )


def remove(node: minidom.Element) -> None:
    """Remove an element and the white space before it."""
    parent = node.parentNode
    assert isinstance(parent, minidom.Element)
    before = node.previousSibling
    if isinstance(before, minidom.Text) and not before.data.strip():
        parent.removeChild(before)
    parent.removeChild(node)
    rest = parent.childNodes
    if len(rest) == 1 and isinstance(rest[0], minidom.Text) and not rest[0].data.strip():
        parent.removeChild(rest[0])


def _empty(element: minidom.Element) -> None:
    """Remove the value of a property, before it gets a new one."""
    for child in list(element.childNodes):
        element.removeChild(child)
    for name in _VALUES:
        if element.hasAttributeNS(RDF, name):
            element.removeAttributeNS(RDF, name)


def _is(node: minidom.Element, name: str) -> bool:
    return (node.namespaceURI, node.localName) == name_of(name)


def _text(node: minidom.Element) -> str:
    """The text of a simple property; one with qualifiers holds it in ``rdf:value``, an address in ``rdf:resource``."""
    for child in elements(node):
        if _is(child, "rdf:value") or _is(child, "rdf:Description"):
            return _text(child)
    if (name := next((name for name in _VALUES if node.hasAttributeNS(RDF, name)), None)) is not None:
        return str(node.getAttributeNS(RDF, name)).strip()
    return "".join(child.data for child in node.childNodes if isinstance(child, minidom.Text)).strip()


def _upwards(node: minidom.Element) -> Iterator[minidom.Element]:
    here: minidom.Node | None = node
    while isinstance(here, minidom.Element):
        yield here
        here = here.parentNode


def _prefixes(node: minidom.Element) -> dict[str, str]:
    """Prefix -> namespace, as declared at this node and above it."""
    bound: dict[str, str] = {}
    for each in _upwards(node):
        for attribute in each.attributes.values():
            if attribute.namespaceURI == XMLNS and attribute.prefix:
                bound.setdefault(attribute.localName, attribute.value)
    return bound


def _depth(node: minidom.Element) -> int:
    return sum(1 for _ in _upwards(node)) - 1
