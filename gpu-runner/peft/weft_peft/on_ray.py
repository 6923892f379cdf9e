"""`python -m weft_peft.on_ray --workers N`: several processes on a Ray cluster, by Ray Train. The job's driver, which trains nothing itself."""

import argparse
import os
import sys

from .__main__ import VARIABLES, edge_of_environment


def worker(environment: dict) -> None:
    os.environ.update(environment)
    from .train import main

    if main(edge_of_environment()) != 0:
        raise SystemExit(1)


def start() -> None:
    parser = argparse.ArgumentParser(prog="python -m weft_peft.on_ray", description=__doc__)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--gpus", type=float, default=0, help="of each worker")
    parser.add_argument("--cpus", type=float, default=1, help="of each worker")
    options = parser.parse_args()
    edge_of_environment()
    from ray.train import ScalingConfig
    from ray.train.torch import TorchTrainer

    TorchTrainer(
        worker,
        train_loop_config={name: os.environ[name] for name in VARIABLES},
        scaling_config=ScalingConfig(
            num_workers=options.workers,
            use_gpu=options.gpus > 0,
            resources_per_worker={"CPU": options.cpus, **({"GPU": options.gpus} if options.gpus else {})},
        ),
    ).fit()


if __name__ == "__main__":
    sys.exit(start())
