"""Loads a checkpoint that `weft export` wrote with PEFT itself, and compares it with the golden case it came from.

    python test/golden/round_trip.py EXPORTED --case test/golden/peft/gpt2/lora.causal_lm [--json]

Ends with 1 when the logits differ by more than the tolerance. Tensors are only reported: some methods are exported in another, equal form.
"""
import argparse
import json
import sys
from pathlib import Path

import torch
from bases import load_base
from peft import PeftModel
from safetensors.torch import load_file
from transformers.generation import GenerationMixin

# PEFT 0.21.0 asks for this method by the name that it had before transformers 5.
if hasattr(GenerationMixin, "_prepare_text_encoder_decoder_kwargs_for_generation"):
    GenerationMixin._prepare_encoder_decoder_kwargs_for_generation = GenerationMixin._prepare_text_encoder_decoder_kwargs_for_generation


def adapter_folder(folder: Path) -> Path:
    """The folder itself, or the one in it where PEFT keeps an adapter that is not named `default`."""
    found = [file.parent for file in sorted(folder.rglob("adapter_config.json"))]
    if len(found) != 1:
        sys.exit(f"{folder} should hold one adapter_config.json and holds {len(found)}")
    return found[0]


def compare_tensors(exported: Path, case: Path) -> dict:
    ours, theirs = (load_file(folder / "adapter_model.safetensors") for folder in (exported, case))
    shared = ours.keys() & theirs.keys()
    return {
        "identical": sorted(name for name in shared if torch.equal(ours[name], theirs[name])),
        "different": sorted(name for name in shared if not torch.equal(ours[name], theirs[name])),
        "missing": sorted(theirs.keys() - ours.keys()),
        "extra": sorted(ours.keys() - theirs.keys()),
    }


def logits_difference(exported: Path, case: Path) -> float:
    """Largest |Δ| of a logit where there is no padding."""
    base = case.parent / json.loads((case / "case.json").read_text())["base"]
    model = PeftModel.from_pretrained(load_base(base), exported).eval()
    expected = load_file(case / "case.safetensors")
    inputs = {name: expected[name] for name in ("input_ids", "attention_mask", "labels", "task_ids") if name in expected}
    with torch.no_grad():
        difference = (model(**inputs).logits - expected["logits"]).abs()
    mask = inputs["attention_mask"].bool()
    if difference.dim() == 3 and difference.shape[1] >= mask.shape[1] and not model.config.is_encoder_decoder:
        rows_in_front = torch.ones(mask.shape[0], difference.shape[1] - mask.shape[1], dtype=torch.bool)
        difference = difference[torch.cat((rows_in_front, mask), dim=1)]
    return difference.max().item()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("exported", type=Path)
    arguments.add_argument("--case", type=Path, required=True, help="the folder of the golden case")
    arguments.add_argument("--tolerance", type=float, default=1e-4)
    arguments.add_argument("--json", action="store_true")
    options = arguments.parse_args()
    exported = adapter_folder(options.exported)
    tensors = compare_tensors(exported, adapter_folder(options.case))
    logits = logits_difference(exported, options.case)
    if options.json:
        print(json.dumps({"logits": logits, **tensors}))
    else:
        print(f"logits differ by {logits:.2g}, at most {options.tolerance:g} is equal")
        print(", ".join(f"{len(names)} tensors {kind}" + (f" ({', '.join(names)})" if names and kind != "identical" else "") for kind, names in tensors.items()))
    sys.exit(0 if logits <= options.tolerance else 1)


if __name__ == "__main__":
    main()
