"""Trains one job of a Weft edge with PEFT. `python -m weft_peft`, with WEFT_EDGE, WEFT_JOB and WEFT_TRAINER_TOKEN, which the edge's executor sets.

The edge gives the job, its rows and what is held out; the trainer gives back how far it is, PEFT's two files, and what it measured. See
docs/operating/training-elsewhere.md of Weft.
"""
