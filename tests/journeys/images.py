"""The real files that the story is about."""

from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"
RADIOGRAPH = DATA / "modality/CR/cxr.dcm"
BRAIN = sorted((DATA / "series/mr_brain_obl_20").iterdir())  # 20 slices
COMPRESSED = next((DATA / "transfer_syntax/ct_all").glob("*JPEG2000LosslessOnly*"))
MULTI_FRAME = DATA / "enhanced/emri_small_jpeg_ls_lossless.dcm"
ALL = [RADIOGRAPH, *BRAIN, COMPRESSED, MULTI_FRAME]
