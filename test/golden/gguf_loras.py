"""LoRAs as llama.cpp reads them, written by its own converter from PEFT checkpoints of `test/golden/peft`.

    python test/golden/gguf_loras.py /path/to/llama.cpp

The folder is llama.cpp's source with `convert_lora_to_gguf.py` and `gguf-py` (the source package of llama-cpp-python 0.3.36 holds both); the Python needs
torch, transformers and safetensors. Writes test/golden/gguf: `lora-<architecture>.gguf` and `lora-<architecture>-alora.gguf`. The converter leaves out what a
GGUF cannot say, such as rsLoRA: its A and B are the checkpoint's.
"""

import subprocess
import sys
from pathlib import Path

GOLDEN = Path(__file__).parent
CASES = {
    "lora-llama": ("llama", "lora-all-linear.causal_lm"),
    "lora-llama-alora": ("llama", "lora-alora.causal_lm"),
    "lora-gemma3": ("gemma3_text", "lora-all-linear.causal_lm"),
    "lora-qwen3": ("qwen3", "lora-named.causal_lm/friendly"),
}

if __name__ == "__main__":
    for name, (base, checkpoint) in CASES.items():
        folder = GOLDEN / "peft" / base
        out = GOLDEN / "gguf" / f"{name}.gguf"
        converter = Path(sys.argv[1]) / "convert_lora_to_gguf.py"
        subprocess.run([sys.executable, converter, "--base", folder / "base-causal_lm", "--outfile", out, folder / checkpoint], check=True)
