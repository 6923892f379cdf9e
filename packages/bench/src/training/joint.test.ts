import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import plugins from '@weft/plugins'
import { tinyConfigs } from '@weft/test/cases/tiny-configs'
import { expect, test } from 'vitest'
import { benchJoint } from './joint.ts'

/** On a llama: `text` has nothing to train, and `full` trains what there is once. */
const methods = plugins
  .filter(({ id }) => id !== 'text' && id !== 'full')
  .map(({ id, tasks }) => ['llama', id, !tasks || tasks.includes('CAUSAL_LM') ? 'CAUSAL_LM' : 'SEQ_CLS'])

test.each([...methods, ['bert', 'lora', 'SEQ_CLS'], ['t5', 'prefix-tuning', 'SEQ_2_SEQ_LM']])(
  'adapters of %s by %s together have the gradients of each alone',
  async (architecture, method, task) => {
    const model = join(mkdtempSync(join(tmpdir(), 'weft-bench-')), 'config.json')
    writeFileSync(model, JSON.stringify(tinyConfigs[architecture]))
    const result = await benchJoint({ model, method, adapters: 3, batch: 2, tokens: 6, virtualTokens: 2, repetitions: 1 })
    expect(result).toMatchObject({ task, adapters: 3 })
    expect(result.max_grad_diff).toBeLessThan(1e-4)
    for (const time of [result.together_ms, result.in_turn_ms, result.parameters]) expect(time).toBeGreaterThan(0)
  },
)

test('a method that replaces the base does not train jointly', async () => {
  const model = join(mkdtempSync(join(tmpdir(), 'weft-bench-')), 'config.json')
  writeFileSync(model, JSON.stringify(tinyConfigs.llama))
  await expect(benchJoint({ model, method: 'full', adapters: 2, batch: 1, tokens: 4, virtualTokens: 2, repetitions: 1 })).rejects.toThrowError(
    expect.objectContaining({ code: 'site_not_trainable' }),
  )
})
