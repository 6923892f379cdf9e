import { readAdapter, writeAdapter } from '@weft/adapters'
import { exportPeft, type ImportedPeft } from '@weft/methods'
import { loadModel } from '@weft/model'
import plugins from '@weft/plugins'
import { expect, test } from 'vitest'
import { brought, type Files, golden } from '../support/peft-checkpoint.ts'

const pooler = 'bert.pooler.dense'

/** A checkpoint for labels of words, as PEFT saves it: Hugging Face builds such a model without the pooler that its base has. */
const forWords =
  (settings: object) =>
  ({ config, tensors }: Files): Partial<Files> => ({
    config: { ...config, task_type: 'TOKEN_CLS', ...settings },
    tensors: Object.fromEntries(Object.entries(tensors).filter(([name]) => !name.includes(pooler))),
  })
const ends = ['query', 'key', 'value', 'dense']
const scaled = ['key', 'value', 'output.dense', pooler]

test.each([
  ['lora-all-linear', { target_modules: ends }, [pooler]],
  ['lora-all-linear', { target_modules: '.*(query|key|value|dense)', exclude_modules: 'bert.embeddings.*' }, '(?:bert.embeddings.*)|bert\\.pooler\\.dense'],
  ['ia3', { target_modules: scaled, feedforward_modules: ['output.dense'], exclude_modules: ['classifier'] }, ['classifier', pooler]],
])('a checkpoint for words has nothing of a pooler, whatever its names would choose: %s %j', async (method, settings, excluded) => {
  const imported: ImportedPeft = await brought(`bert/${method}.seq_cls`, forWords(settings))
  expect(imported.manifest.config).toMatchObject({ excludeModules: excluded })
  const { spec, fingerprint } = await loadModel(`${golden}bert/base-seq_cls`)
  expect(spec.modules).toHaveProperty([pooler])
  const { manifest, state, params } = imported
  const adapter = await readAdapter(await writeAdapter(manifest, state, params), { model: spec, base: { name: 'base', fingerprint } })
  expect(() => exportPeft(adapter, plugins, spec)).not.toThrow()
  const of = Object.values(adapter.state).flatMap((site) => Object.keys(site ?? {}))
  expect(of.filter((name) => name.includes(pooler))).toEqual([])
})

test('a pooler that the file holds is taken, and one that a classifier of texts lacks is missed', async () => {
  const { state } = await brought('bert/lora-all-linear.seq_cls', ({ config }) => ({ config: { ...config, task_type: 'TOKEN_CLS' } }))
  expect(state.linear).toHaveProperty([`${pooler}.a`])
  await expect(brought('bert/lora-all-linear.seq_cls', forWords({ target_modules: ends, task_type: 'SEQ_CLS' }))).rejects.toThrow(pooler)
})
