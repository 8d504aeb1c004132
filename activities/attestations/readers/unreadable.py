"""What every reader raises, and how it reads JSON and XML that may be hostile."""

from typing import TypeVar
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from pydantic import BaseModel, JsonValue, ValidationError

ModelT = TypeVar("ModelT", bound=BaseModel)

_MOST_PROBLEMS = 5


class Unreadable(ValueError):
    """The file is not what it means to be; the text says where and what was expected."""


def parsed(model: type[ModelT], document: JsonValue, what: str) -> ModelT:
    """*document* as *model* reads it; fields that the model does not know are passed over.

    Raises:
        Unreadable: with the first few problems, each with its place.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        told = [
            f"{'.'.join(map(str, each['loc'])) or 'document'}: {each['msg']}"
            for each in found[:_MOST_PROBLEMS]
        ]
        more = f"; {len(found) - _MOST_PROBLEMS} more" if len(found) > _MOST_PROBLEMS else ""
    # Not chained: pydantic's error holds the whole document.
    raise Unreadable(f"{what}: {'; '.join(told)}{more}")


def markup(content: bytes) -> Element:
    """The root of an XML document.

    A document type may be named, as Cobertura does; entities may not be declared or fetched.

    Raises:
        Unreadable: not well-formed, or it tries to have something expanded.
    """
    try:
        root: Element = ElementTree.fromstring(content, forbid_dtd=False)
    except DefusedXmlException as error:
        raise Unreadable(
            f"XML: refused, it declares entities or refers to other files ({type(error).__name__})"
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise Unreadable(f"XML: not well-formed: {error}") from error
    return root


def local(element: Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]
