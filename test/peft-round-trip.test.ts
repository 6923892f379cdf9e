import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytesOf, readAdapter, readSafetensors, writeAdapter } from '@weft/adapters'
import { exportPeft, importPeft } from '@weft/methods'
import { loadModel } from '@weft/model'
import plugins from '@weft/plugins'
import { describe, expect, test } from 'vitest'

const golden = new URL('golden/peft/', import.meta.url).pathname

/** Cases by `<arch>/<method>.<task>`, with the folder that PEFT saved into. */
const cases = readdirSync(golden).flatMap((arch) =>
  readdirSync(join(golden, arch))
    .filter((name) => !name.startsWith('base-'))
    .map((name) => {
      const folder = join(golden, arch, name)
      const saved = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((file) => file.endsWith('adapter_config.json'))!
      return [`${arch}/${name}`, { folder, saved: join(folder, saved, '..') }] as const
    }),
)

const json = (file: string): any => JSON.parse(readFileSync(file, 'utf8'))
const methods = new Set(plugins.flatMap(({ peft }) => (peft && peft.imports !== false ? [peft.peftType] : [])))

/** Fields of a config that say what the adapter is; the others are how it was trained, or the same for all. */
const telling = [
  'peft_type',
  'task_type',
  'num_virtual_tokens',
  'token_dim',
  'num_transformer_submodules',
  'r',
  'lora_alpha',
  'use_rslora',
  'use_dora',
  'bias',
  'rank_pattern',
  'alpha_pattern',
  'num_tasks',
  'num_ranks',
  'adapter_len',
  'adapter_layers',
  'prefix_projection',
  'encoder_reparameterization_type',
]

test('every case is of a method that comes and goes', () => {
  expect(cases.filter(([, { saved }]) => !methods.has(json(join(saved, 'adapter_config.json')).peft_type))).toEqual([])
})

describe.each(cases)('%s', (_, { folder, saved }) => {
  test('goes in and comes out with every tensor as it was', async () => {
    const base = join(folder, '..', json(join(folder, 'case.json')).base)
    expect(existsSync(base)).toBe(true)
    const { spec, fingerprint, weights } = await loadModel(base)
    const [config, tensors] = [readFileSync(join(saved, 'adapter_config.json')), readFileSync(join(saved, 'adapter_model.safetensors'))]
    const { manifest, state, params } = await importPeft({ config, weights: tensors }, plugins, {
      model: spec,
      base: { name: 'base', fingerprint },
      baseWeight: (name) => weights.readSync(name),
    })
    const adapter = await readAdapter(await writeAdapter(manifest, state, params), { model: spec, base: { name: 'base', fingerprint } })
    const files = exportPeft(adapter, plugins, spec)

    const [ours, theirs] = [readSafetensors(files.weights).tensors, readSafetensors(tensors).tensors]
    expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort())
    for (const [name, { shape, bytes }] of Object.entries(theirs)) {
      expect(ours[name].shape, name).toEqual(shape)
      expect(Buffer.compare(ours[name].bytes, bytes), name).toBe(0)
    }
    const [written, given] = [JSON.parse(files.config), JSON.parse(config.toString())]
    for (const field of telling) if (given[field] !== undefined) expect(written[field], field).toEqual(given[field])
    // PEFT writes every field that the method's config has, and warns of others.
    expect(Object.keys(written).filter((field) => !Object.hasOwn(given, field))).toEqual([])
    // What is not among the tensors is the base's; what is takes no more room than it must.
    expect(Object.values(adapter.params).reduce((sum, tensor) => sum + bytesOf(tensor).length, 0)).toBeLessThanOrEqual(2 * tensors.length)
  })
})
