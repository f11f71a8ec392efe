"""Annotation formats: one file per format, found by its module's name."""

from importlib import import_module
from pkgutil import iter_modules

from annotations.formats.base import AnnotationFormat, formats

__all__ = ["AnnotationFormat", "formats"]

for module in iter_modules(__path__):
    import_module(f"{__name__}.{module.name}")
