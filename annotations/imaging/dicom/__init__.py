"""DICOM files, guarded: parsing, attribute values, functional groups, decoding, grey scale."""
