"""The arithmetic of the benchmark; how fast anything is, is no test."""
