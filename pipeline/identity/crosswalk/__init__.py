"""Reads and extends the crosswalk that people write: variants, judgements, judged prices."""
