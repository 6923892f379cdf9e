import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AttentionInputs, loadModel, tokenRows } from '@weft/model'
import { openRuntime } from '@weft/ort'
import promptTuning from '@weft/plugins/prompt-tuning'
import { writeLettersLlama } from '@weft/test/models/letters-llama'
import { expect, test } from 'vitest'
import type { TokenRow } from '../data/token-row.ts'
import type { TrainingProgram } from '../graph/graph.ts'
import { initialValues } from './initialize.ts'

const row = (...tokens: number[]): TokenRow => ({ tokens: Uint32Array.from(tokens), weights: new Float32Array(tokens.length).fill(1), rowWeight: 1 })

test("rows start as the task's own text: row after row as training reads them, cut to their number, begun again where they are fewer", async () => {
  const folder = writeLettersLlama()
  using runtime = openRuntime()
  const model = await loadModel(join(folder, 'config.json'), { seed: 3 })
  const start = async (numVirtualTokens: number, rows: TokenRow[], seed = 0): Promise<Float32Array> => {
    const config = { ...promptTuning.config, numVirtualTokens, promptTuningInit: 'trainingText', numTransformerSubmodules: 1 } as never
    const program = {
      model,
      plugin: promptTuning,
      config,
      params: promptTuning.params(config, model.spec, []),
      task: 'CAUSAL_LM',
    } as unknown as TrainingProgram
    const { embedding } = await initialValues(program, {
      model,
      runtime,
      session: {},
      attention: new AttentionInputs(model),
      labels: [],
      required: [],
      rows,
      seed,
    })
    return embedding
  }
  expect(await start(2, [row(5, 6, 7)])).toEqual(tokenRows(model, [5, 6]))
  expect(await start(5, [row(5, 6)])).toEqual(tokenRows(model, [5, 6, 5, 6, 5]))
  // Which row is first is drawn; every row is there once.
  const both = await start(4, [row(1, 2), row(3, 4)])
  expect([tokenRows(model, [1, 2, 3, 4]), tokenRows(model, [3, 4, 1, 2])]).toContainEqual(both)
  const firsts = await Promise.all(Array.from({ length: 8 }, (_, seed) => start(1, [row(1), row(2)], seed)))
  expect(new Set(firsts.map(([value]) => value)).size).toBe(2)
  await rm(folder, { recursive: true })
})
