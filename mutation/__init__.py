"""`make mutation`: how much of the verifier's logic its tests would miss if it were wrong."""
