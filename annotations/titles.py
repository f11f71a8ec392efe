"""What a series is called: from coded facts only, since free text can hold a name."""

from __future__ import annotations

MODALITIES = {
    "CR": "radiograph", "CT": "CT", "DX": "radiograph", "ES": "endoscopy",
    "IVUS": "ultrasound", "MG": "mammogram", "MR": "MR", "NM": "nuclear medicine",
    "OCT": "OCT", "OP": "fundus photo", "OPT": "OCT", "OT": "image", "PT": "PET",
    "RF": "fluoroscopy", "RTIMAGE": "radiotherapy image", "SC": "secondary capture",
    "SM": "slide", "US": "ultrasound", "XA": "angiogram", "XC": "photograph",
}  # fmt: skip

# PS3.16 Annex L, "Body Part Examined" defined terms that projects of this kind meet.
BODY_PARTS = {
    "ABDOMEN": "abdomen", "ABDOMENPELVIS": "abdomen and pelvis", "ANKLE": "ankle",
    "AORTA": "aorta", "ARM": "arm", "BLADDER": "bladder", "BRAIN": "brain",
    "BREAST": "breast", "CALF": "calf", "CAROTID": "carotid", "CHEST": "chest",
    "CHESTABDOMEN": "chest and abdomen", "CLAVICLE": "clavicle", "COLON": "colon",
    "CSPINE": "cervical spine", "CTSPINE": "cervicothoracic spine", "ELBOW": "elbow",
    "EXTREMITY": "limb", "EYE": "eye", "FINGER": "finger", "FOOT": "foot",
    "FOREARM": "forearm", "HAND": "hand", "HEAD": "head", "HEADNECK": "head and neck",
    "HEART": "heart", "HIP": "hip", "KIDNEY": "kidney", "KNEE": "knee", "LEG": "leg",
    "LIVER": "liver", "LSPINE": "lumbar spine", "LSSPINE": "lumbosacral spine",
    "LUNG": "lung", "NECK": "neck", "ORBIT": "orbit", "PANCREAS": "pancreas",
    "PELVIS": "pelvis", "PHANTOM": "phantom", "PROSTATE": "prostate", "RIB": "ribs",
    "SHOULDER": "shoulder", "SKULL": "skull", "SPINE": "spine", "STOMACH": "stomach",
    "THIGH": "thigh", "THORAX": "thorax", "THYROID": "thyroid",
    "TSPINE": "thoracic spine", "UTERUS": "uterus", "WHOLEBODY": "whole body",
    "WRIST": "wrist",
}  # fmt: skip

SECTIONAL = frozenset({"CT", "MR", "PT", "NM"})


def known_body_part(code: str) -> str:
    """Return `code` if it is a term of the standard, else ""."""
    normal = code.replace(" ", "").upper()
    return normal if normal in BODY_PARTS else ""


def modality(code: str) -> str:
    """Return the modality in words, "image" for a code nobody knows."""
    return _sentence(MODALITIES.get(code, "image"))


def title(*, modality: str, body_part: str, plane: str, images: int, frames: int) -> str:
    """Return such as "Brain MR, axial, 20 slices" or "Chest radiograph"."""
    what = f"{BODY_PARTS.get(body_part, '')} {MODALITIES.get(modality, 'image')}".strip()
    parts = [_sentence(what), plane]
    if frames > 1:
        unit = "slices" if plane or modality in SECTIONAL else "frames"
        parts.append(f"{frames:,} {unit if images > 1 or plane else 'frames'}")
    return ", ".join(part for part in parts if part)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
