"""`python -m weft_peft`: trains the job that the environment names."""

import argparse
import os
import sys

from .edge import Edge

VARIABLES = ("WEFT_EDGE", "WEFT_JOB", "WEFT_TRAINER_TOKEN")


def edge_of_environment() -> Edge:
    missing = [name for name in VARIABLES if not os.environ.get(name)]
    if missing:
        sys.exit(f"{', '.join(missing)} not set: an edge's executor starts this program, and sets them.")
    return Edge(*(os.environ[name] for name in VARIABLES))


def start() -> None:
    parser = argparse.ArgumentParser(prog="python -m weft_peft", description="Trains a Weft edge's job with PEFT.")
    parser.add_argument("--job", help="the same as WEFT_JOB, for whoever lists processes")
    parser.parse_args()
    edge = edge_of_environment()
    # PyTorch takes seconds to load, and the edge should not wait to hear what is wrong before that.
    from .train import main

    sys.exit(main(edge))


if __name__ == "__main__":
    start()
