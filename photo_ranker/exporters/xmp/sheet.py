"""The properties of an XMP document: simple ones and lists, however a program has written them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.dom import minidom

from photo_ranker.exporters.xmp.document import NAMESPACES, XMLNS, NotXmp, elements, name_of

__all__ = ["Sheet"]

_LISTS = ("Bag", "Seq", "Alt")
RDF = NAMESPACES["rdf"]


class Sheet:
    """Reads and changes properties; everything that is not asked for stays where it is."""

    def __init__(self, document: minidom.Document) -> None:
        self._document = document
        found = document.getElementsByTagNameNS(RDF, "RDF")
        if not found:
            raise NotXmp("damaged (it holds no RDF)")
        self._rdf = found[0]

    @property
    def descriptions(self) -> list[minidom.Element]:
        """The blocks that say something of the photo itself."""
        return [node for node in elements(self._rdf) if _is(node, "rdf:Description")]

    def text(self, name: str) -> str | None:
        """A simple property."""
        for block in self.descriptions:
            if block.hasAttributeNS(*name_of(name)):
                return str(block.getAttributeNS(*name_of(name))).strip()
        element = self.element(name)
        return None if element is None else _text(element)

    def set_text(self, name: str, value: str) -> None:
        """Write a simple property, in the form and the place that it has already."""
        element = self.element(name)
        holder = next((block for block in self.descriptions if block.hasAttributeNS(*name_of(name))), None)
        if holder is None and element is not None:
            for child in list(element.childNodes):
                element.removeChild(child)
            element.appendChild(self._document.createTextNode(value))
        else:
            self.set_field(holder or self._first(), name, value)

    def drop(self, name: str) -> None:
        """Remove a property altogether."""
        for block in self.descriptions:
            if block.hasAttributeNS(*name_of(name)):
                block.removeAttributeNS(*name_of(name))
        while (element := self.element(name)) is not None:
            remove(element)

    def items(self, name: str) -> list[str]:
        """A list of texts; a single text is a list of one."""
        element = self.element(name)
        if element is not None:
            inner = list_in(element)
            return [_text(item) for item in (elements(inner) if inner else [element]) if _text(item)]
        single = self.text(name)
        return [single] if single else []

    def add_items(self, name: str, items: Iterable[str], kind: str = "Bag") -> None:
        """Put texts at the end of a list, which is made if there is none."""
        inner = self.list_of(name, kind)
        for item in items:
            line = self.append(inner, "rdf:li")
            line.appendChild(self._document.createTextNode(item))

    def drop_items(self, name: str, items: Iterable[str]) -> None:
        """Take texts out of a list; an empty list goes as a whole."""
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
        """Remove elements that have become empty, the inner ones first."""
        for node in nodes:
            if not any(elements(node)):
                remove(node)

    def element(self, name: str) -> minidom.Element | None:
        """The element of a property."""
        return next((node for block in self.descriptions for node in elements(block) if _is(node, name)), None)

    def list_of(self, name: str, kind: str, within: minidom.Element | None = None) -> minidom.Element:
        """The list of a property of the photo, or of a structure; made if there is none."""
        if within is None:
            element, single = self.element(name), self.text(name) if self.element(name) is None else None
        else:
            element, single = next((node for node in elements(within) if _is(node, name)), None), None
        if element is None:
            if single is not None:
                self.drop(name)  # a text where a list belongs
            element = self.append(within or self._first(), name)
        inner = list_in(element)
        if inner is None:
            single = single or _text(element)
            for child in list(element.childNodes):
                element.removeChild(child)
            inner = self.append(element, f"rdf:{kind}")
            if single:
                self.append(inner, "rdf:li").appendChild(self._document.createTextNode(single))
        return inner

    def structure(self, name: str) -> minidom.Element:
        """The node that holds the fields of a structure; made if there is none."""
        element = self.element(name)
        if element is None:
            element = self.append(self._first(), name)
            self.set_field(element, "rdf:parseType", "Resource")
        return next((node for node in elements(element) if _is(node, "rdf:Description")), element)

    def append(self, parent: minidom.Element, name: str) -> minidom.Element:
        """A new element at the end of another, on a line of its own."""
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
        """Everything that a structure says, attributes and elements, also those of a description within."""
        for attribute in node.attributes.values():
            if attribute.namespaceURI not in {XMLNS, RDF}:
                yield (attribute.namespaceURI or "", attribute.localName), attribute.value.strip()
        for child in elements(node):
            if _is(child, "rdf:Description"):
                yield from self.fields(child)
            else:
                yield (child.namespaceURI or "", child.localName), _text(child)

    def qualified(self, node: minidom.Element, name: str) -> str:
        """The name with the prefix that its namespace has here; declared on the spot if it has none."""
        namespace, local = name_of(name)
        wanted = name.partition(":")[0]
        bound = _prefixes(node)
        if prefix := next((prefix for prefix, uri in bound.items() if uri == namespace and prefix), None):
            return f"{prefix}:{local}"
        while wanted in bound:
            wanted += "0"
        holder = next((each for each in _upwards(node) if _is(each, "rdf:Description")), node)
        holder.setAttributeNS(XMLNS, f"xmlns:{wanted}", namespace)
        return f"{wanted}:{local}"

    def adopt(self, element: minidom.Element) -> None:
        """A copy of another document's property, with the prefixes that it needs."""
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
    """The bag, sequence or alternative within a property."""
    return next(
        (node for node in elements(element) if node.namespaceURI == RDF and node.localName in _LISTS),
        None,
    )


def remove(node: minidom.Element) -> None:
    """Take an element out, with the line break before it."""
    parent = node.parentNode
    assert isinstance(parent, minidom.Element)
    before = node.previousSibling
    if isinstance(before, minidom.Text) and not before.data.strip():
        parent.removeChild(before)
    parent.removeChild(node)
    rest = parent.childNodes
    if len(rest) == 1 and isinstance(rest[0], minidom.Text) and not rest[0].data.strip():
        parent.removeChild(rest[0])


def _is(node: minidom.Element, name: str) -> bool:
    return (node.namespaceURI, node.localName) == name_of(name)


def _text(node: minidom.Element) -> str:
    return "".join(child.data for child in node.childNodes if isinstance(child, minidom.Text)).strip()


def _upwards(node: minidom.Element) -> Iterator[minidom.Element]:
    here: minidom.Node | None = node
    while isinstance(here, minidom.Element):
        yield here
        here = here.parentNode


def _prefixes(node: minidom.Element) -> dict[str, str]:
    """What each prefix means at this place."""
    bound: dict[str, str] = {}
    for each in _upwards(node):
        for attribute in each.attributes.values():
            if attribute.namespaceURI == XMLNS and attribute.prefix:
                bound.setdefault(attribute.localName, attribute.value)
    return bound


def _depth(node: minidom.Element) -> int:
    return sum(1 for _ in _upwards(node)) - 1
