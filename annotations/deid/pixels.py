"""Whether pixels may carry burned-in names: what is not known clean goes to quarantine."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from annotations.image_errors import ImageError
from annotations.imaging.dicom import values

if TYPE_CHECKING:
    from pydicom import Dataset

# Projections: technicians burn markers in, so the file must say that there are none
PROJECTIONS = frozenset({"CR", "DX", "MG", "XA"})
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
ENCAPSULATED = "1.2.840.10008.5.1.4.1.1.104"
# SOP classes whose images a modality of COMPUTED or PROJECTIONS makes (PS3.4 B.5)
CLASSES = {
    "CT": ("1.2.840.10008.5.1.4.1.1.2",),
    "MR": ("1.2.840.10008.5.1.4.1.1.4",),
    "PT": ("1.2.840.10008.5.1.4.1.1.128", "1.2.840.10008.5.1.4.1.1.130"),
    "NM": ("1.2.840.10008.5.1.4.1.1.20",),
    "RTDOSE": ("1.2.840.10008.5.1.4.1.1.481.2",),
    "RTIMAGE": ("1.2.840.10008.5.1.4.1.1.481.1",),
    "SEG": ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"),
    "CR": ("1.2.840.10008.5.1.4.1.1.1",),
    "DX": ("1.2.840.10008.5.1.4.1.1.1.1",),
    "MG": ("1.2.840.10008.5.1.4.1.1.1.2", "1.2.840.10008.5.1.4.1.1.13.1.3"),
    "XA": ("1.2.840.10008.5.1.4.1.1.12.1", "1.2.840.10008.5.1.4.1.1.13.1.1"),
}
OVERLAY_GROUPS = range(0x6000, 0x6020, 2)
OVERLAY_BIT_POSITION = 0x0102


class PixelDecision(NamedTuple):
    """Whether pixels may be shown: outcome "clear" or "quarantine", a sentence, and a code."""

    outcome: str
    reason: str
    code: str


def pixel_decision(dataset: Dataset) -> PixelDecision:
    """Decide on the original data set (its header is enough); never raises.

    Clear are only: CT, MR, PT, NM, RT and SEG that are no secondary capture, not derived and
    secondary, and not declared to be burned in; CR, DX, MG and XA that declare themselves free.
    """
    try:
        return _decision(dataset)
    except ImageError:
        return _quarantine("its header cannot be read in full", "header_unreadable")


def _decision(dataset: Dataset) -> PixelDecision:
    modality = values.text(dataset, "Modality").upper()
    burned = values.text(dataset, "BurnedInAnnotation").upper()
    image_type = [each.upper() for each in values.texts(dataset, "ImageType")]
    objections = (
        (burned == "YES", "the file says that text is burned in", "burned_in"),
        (
            modality not in CLASSES,
            f"images of modality {_named(modality)} often show names",
            "modality_not_cleared",
        ),
        (
            not _is_own_class(dataset, modality),
            "it is a secondary capture, or not of the class its modality makes",
            "secondary_capture",
        ),
        (_has_embedded_overlay(dataset), "an overlay is in its pixels", "embedded_overlay"),
        (
            image_type[:2] == ["DERIVED", "SECONDARY"],
            "it is derived and secondary: a screen may be pictured",
            "derived",
        ),
        (
            burned not in {"", "NO"},
            "whether text is burned in is not said clearly",
            "burned_in_unclear",
        ),
        (
            modality in PROJECTIONS and burned != "NO",
            f"a {modality} image that does not say whether text is burned in",
            "burned_in_not_declared",
        ),
    )
    for objected, why, code in objections:
        if objected:
            return _quarantine(why, code)
    return _clear(modality)


def _clear(modality: str) -> PixelDecision:
    reason = f"An original {modality} image, no text burned in."
    return PixelDecision("clear", reason, f"original_{modality}")


def _quarantine(why: str, code: str) -> PixelDecision:
    return PixelDecision("quarantine", f"A person must look at this image first: {why}.", code)


def _named(modality: str) -> str:
    """Return a modality that can be quoted: a code string, nothing else a file may hold."""
    return modality if modality.isalnum() and len(modality) <= 16 else "(unknown)"  # noqa: PLR2004 - CS


def _is_own_class(dataset: Dataset, modality: str) -> bool:
    sop_class = values.text(dataset, "SOPClassUID")
    if sop_class.startswith((SECONDARY_CAPTURE, ENCAPSULATED)):
        return False
    return any(
        sop_class == each or sop_class.startswith(f"{each}.")
        for each in CLASSES.get(modality, ())
    )


def _has_embedded_overlay(dataset: Dataset) -> bool:
    """Tell whether an overlay lies in unused bits of the pixels (PS3.5 8.1.2, retired)."""
    for group in OVERLAY_GROUPS:
        tag = (group << 16) | OVERLAY_BIT_POSITION
        if tag in dataset and (group << 16) | 0x3000 not in dataset:
            return True
    return False
