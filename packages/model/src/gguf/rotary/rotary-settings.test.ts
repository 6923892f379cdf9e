import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadModel } from '../../load.ts'
import { floats, type tinyGguf, writeTinyGguf } from '../../testing/tiny-gguf.ts'
import { temporaryFolder } from '../../testing/tiny-llama.ts'

const file = (): string => join(temporaryFolder(), 'tiny.gguf')

test('rotary frequencies are divided by the factors that stand among the tensors', async () => {
  const scaled = await loadModel(writeTinyGguf(file(), ({ tensors }) => (tensors['rope_freqs.weight'] = floats([2], [1, 8]))))
  expect(scaled.config.ropeScaling).toEqual({ ropeType: 'factors', factors: [1, 8] })
  const plain = await loadModel(writeTinyGguf(file(), ({ tensors }) => (tensors['rope_freqs.weight'] = floats([2], [1, 1]))))
  expect(plain.config).toEqual((await loadModel(writeTinyGguf(file()))).config)
})

test('linear scaling is read', async () => {
  const scaled = await loadModel(
    writeTinyGguf(file(), ({ metadata }) => Object.assign(metadata, { 'llama.rope.scaling.type': 'linear', 'llama.rope.scaling.factor': { float: 4 } })),
  )
  expect(scaled.config.ropeScaling).toEqual({ ropeType: 'linear', factor: 4 })
})

test('a factor of 0, as llama.cpp saves a model that has none, and none at all scale nothing', async () => {
  const plain = (await loadModel(writeTinyGguf(file()))).config
  const none = [
    { 'llama.rope.scaling.type': 'linear', 'llama.rope.scaling.factor': { float: 0 } },
    { 'llama.rope.scaling.type': 'linear' },
    { 'llama.rope.scale_linear': { float: 0 } },
    { 'llama.rope.scaling.type': 'none', 'llama.rope.scaling.factor': { float: 4 } },
  ]
  for (const fields of none) {
    expect((await loadModel(writeTinyGguf(file(), ({ metadata }) => Object.assign(metadata, fields)))).config, JSON.stringify(fields)).toEqual(plain)
    const withFactors = writeTinyGguf(file(), ({ metadata, tensors }) => {
      Object.assign(metadata, fields)
      tensors['rope_freqs.weight'] = floats([2], [1, 8])
    })
    expect((await loadModel(withFactors)).config.ropeScaling, JSON.stringify(fields)).toEqual({ ropeType: 'factors', factors: [1, 8] })
  }
})

/** Adds yarn's metadata, `fields` of it among others. */
const yarn =
  (fields: Record<string, number> = {}) =>
  ({ metadata }: ReturnType<typeof tinyGguf>): void => {
    metadata['llama.rope.scaling.type'] = 'yarn'
    for (const [name, float] of Object.entries({ factor: 4, ...fields })) metadata[`llama.rope.scaling.${name}`] = { float }
  }

test('yarn is read as llama.cpp computes it', async () => {
  const usual = { ropeType: 'yarn', factor: 4, betaFast: 32, betaSlow: 1, truncate: true, originalMaxPositions: 64, attentionFactor: 0.1 * Math.log(4) + 1 }
  const of = async (fields: Record<string, number>) => (await loadModel(writeTinyGguf(file(), yarn(fields)))).config
  expect(await of({}), 'the original context is the whole').toMatchObject({ maxPositions: 256, ropeScaling: usual })
  expect(await of({ original_context_length: 16 })).toMatchObject({ maxPositions: 64, ropeScaling: { ...usual, originalMaxPositions: 16 } })
  expect((await of({ attn_factor: 0.5, yarn_ext_factor: 1, yarn_log_multiplier: 0 })).ropeScaling, 'a part of the usual one').toEqual({
    ...usual,
    attentionFactor: usual.attentionFactor / 2,
  })
  const told = { yarn_attn_factor: 0.75, yarn_beta_fast: 16, yarn_beta_slow: 2 }
  expect((await of(told)).ropeScaling).toEqual({ ...usual, attentionFactor: 0.75, betaFast: 16, betaSlow: 2 })
})

test.each<[string, string, string, (model: ReturnType<typeof tinyGguf>) => void]>([
  ['a rotary scaling', 'unsupported_config', 'llama.rope.scaling.type "longrope"', ({ metadata }) => (metadata['llama.rope.scaling.type'] = 'longrope')],
  ['yarn without its factor', 'invalid_gguf', 'llama.rope.scaling.factor', ({ metadata }) => (metadata['llama.rope.scaling.type'] = 'yarn')],
  ['yarn that extrapolates in part', 'unsupported_config', 'llama.rope.scaling.yarn_ext_factor 0.5', yarn({ yarn_ext_factor: 0.5 })],
  ['yarn with a multiplier of its logarithm', 'unsupported_config', 'llama.rope.scaling.yarn_log_multiplier', yarn({ yarn_log_multiplier: 0.125 })],
  ['rotation of a part of a head', 'unsupported_config', 'dimension_count', ({ metadata }) => (metadata['llama.rope.dimension_count'] = 2)],
  ['factors of too few frequencies', 'invalid_config', 'half of the size of a head', ({ tensors }) => (tensors['rope_freqs.weight'] = floats([1], [8]))],
  ['a factor that is no number', 'invalid_gguf', 'rope_freqs.weight holds NaN', ({ tensors }) => (tensors['rope_freqs.weight'] = floats([2], [1, NaN]))],
  [
    'factors beside a scaling',
    'unsupported_config',
    'rope.scaling.type',
    ({ metadata, tensors }) => {
      Object.assign(metadata, { 'llama.rope.scaling.type': 'linear', 'llama.rope.scaling.factor': { float: 4 } })
      tensors['rope_freqs.weight'] = floats([2], [1, 8])
    },
  ],
])('refused by name: %s', async (_, code, message, change) => {
  await expect(loadModel(writeTinyGguf(file(), change))).rejects.toThrowError(expect.objectContaining({ code, message: expect.stringContaining(message) }))
})
