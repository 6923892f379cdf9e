"""Control vectors as llama.cpp reads them, written by the gguf package (pip install gguf==0.17.1).

    python test/golden/control_vectors.py

Writes test/golden/gguf: `control-vector.gguf`, of hidden size 32 behind layers 1 and 3, whose values are layer + h / 16, exact in float32.
"""

from pathlib import Path

import gguf
import numpy as np

HIDDEN = 32
FOLDER = Path(__file__).parent / "gguf"

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    writer = gguf.GGUFWriter(FOLDER / "control-vector.gguf", "controlvector")
    writer.add_string("controlvector.model_hint", "llama")
    writer.add_int32("controlvector.layer_count", 2)
    for layer in (1, 3):
        writer.add_tensor(f"direction.{layer}", (layer + np.arange(HIDDEN) / 16).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
