import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { loadModel } from '@weft/model'
import { writeTinyGemma3, writeTinyGpt2, writeTinyLlama } from '@weft/test/models/tiny-llama'
import { headLrScale } from '@weft/training/graph/head-rate'
import { expect, test } from 'vitest'

const python = 'python3'
const missing = spawnSync(python, ['--version']).status === 0 ? '' : ` (skipped: there is no ${python})`

/** PEFT's trainer reads a base as Hugging Face calls its parts; of what is asked here this is one of `type`, without torch. */
const program = `
import json, sys
from types import SimpleNamespace as Of
from weft_peft.head_rate import of_base
asked = json.loads(sys.stdin.read())

class Weight(list):
    shape = (len(asked["scales"]),)
    def same(self): return self
    detach = float = same
    def tolist(self): return list(self)

norm = Of(weight=Weight(asked["scales"]))
body = Of(ln_f=norm) if asked["type"] == "gpt2" else Of(norm=norm)
print(of_base(Of(base_model_prefix="body", body=body, config=Of(model_type=asked["type"]))))
`

test.skipIf(missing).each([
  ['llama', () => writeTinyLlama()],
  ['gemma3_text', () => writeTinyGemma3(5)],
  ['gpt2', () => writeTinyGpt2()],
])(`PEFT's trainer slows the head of %s as a runner's does${missing}`, async (type, write) => {
  const folder = write()
  const model = await loadModel(folder)
  rmSync(folder, { recursive: true })
  for (const by of [0.5, 40, 300]) {
    const scales = Float32Array.from({ length: model.spec.hiddenSize }, (_, i) => by * (1 + Math.sin(i)))
    const expected = await headLrScale({ ...model, weights: { ...model.weights, read: async () => scales } })
    const { status, stdout, stderr } = spawnSync(python, ['-c', program], {
      cwd: import.meta.dirname,
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
      input: JSON.stringify({ type, scales: [...scales] }),
    })
    expect([status, String(stderr)]).toEqual([0, ''])
    expect(Number(stdout)).toBeCloseTo(expected, 6)
  }
})
