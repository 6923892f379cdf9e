"""Whether PyTorch reads the torch files that the edge writes for vLLM.

    python test/golden/torch_file.py

Writes a tensor with packages/edge/src/runner/vllm/soft-prompts/torch-file.ts, loads it as vLLM does, and compares every bit.
"""

import io
import subprocess

import torch

SCRIPT = """
import { torchFile } from './packages/edge/src/runner/vllm/soft-prompts/torch-file.ts'
for (const [shape, values] of [[[2, 3], [-0.7, 0, 1 / 3, 1e-7, 2, -1e9]], [[1, 1], [3]], [[300, 2], Array.from({ length: 600 }, (_, i) => Math.sin(i))]]) {
  const file = Buffer.from(torchFile({ shape, data: Float32Array.from(values) }))
  console.log(JSON.stringify({ shape, values, file: file.toString('hex') }))
}
"""

if __name__ == "__main__":
    import json

    lines = subprocess.run(["npx", "node", "--input-type=module-typescript", "-e", SCRIPT], capture_output=True, text=True, check=True).stdout
    for line in lines.splitlines():
        case = json.loads(line)
        read = torch.load(io.BytesIO(bytes.fromhex(case["file"])), weights_only=True)
        expected = torch.tensor(case["values"], dtype=torch.float32).reshape(case["shape"])
        assert read.dtype == torch.float32 and read.is_contiguous() and torch.equal(read, expected), case["shape"]
        print(f"{case['shape']}: read back bit for bit by PyTorch {torch.__version__}")
