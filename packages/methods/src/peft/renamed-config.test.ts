import { expect, test } from 'vitest'
import { renamedConfig } from './renamed-config.ts'

const short = ['encoder.0.query', 'encoder.0.output.dense', 'encoder.1.query', 'encoder.1.output.dense', 'pooler.dense']
const inFull = (config: object) => renamedConfig(config as Record<string, unknown>, short, (name) => `bert.${name}`)
const bare = (config: object) =>
  renamedConfig(
    config as Record<string, unknown>,
    short.map((name) => `bert.${name}`),
    (name) => name.replace('bert.', ''),
  )

test('what goes by the ends of names stays as it is', () => {
  for (const config of [
    { r: 4, target_modules: ['query', 'output.dense'], feedforward_modules: ['dense'], exclude_modules: null, layers_to_transform: 1 },
    { target_modules: 'all-linear', exclude_modules: '.*pooler.*', rank_pattern: { 'layer.0.query': 2, 'out.*dense': 3 }, alpha_pattern: {} },
    { target_modules: '.*query', exclude_modules: '' },
  ]) {
    expect(inFull(config)).toEqual(config)
    expect(bare(config)).toEqual(config)
  }
})

test('names in full are those of the other', () => {
  const config = { target_modules: ['encoder.1.query', 'dense'], exclude_modules: ['pooler.dense'] }
  const there = { target_modules: ['bert.encoder.1.query', 'dense'], exclude_modules: ['bert.pooler.dense'] }
  expect(inFull(config)).toEqual(there)
  expect(bare(there)).toEqual(config)
})

test('an expression that would choose others is written out, and what must be among it beside it', () => {
  expect(inFull({ target_modules: 'encoder\\.\\d\\.(query|output.*)', feedforward_modules: ['dense'], exclude_modules: 'encoder\\.1.*' })).toEqual({
    target_modules: short.slice(0, 4).map((name) => `bert.${name}`),
    feedforward_modules: ['bert.encoder.0.output.dense', 'bert.encoder.1.output.dense'],
    exclude_modules: ['bert.encoder.1.query', 'bert.encoder.1.output.dense'],
  })
  expect(inFull({ target_modules: ['query', 'dense'], feedforward_modules: 'encoder.*dense' })).toMatchObject({
    feedforward_modules: ['bert.encoder.0.output.dense', 'bert.encoder.1.output.dense'],
  })
  expect(bare({ target_modules: 'bert\\.pooler.*' })).toEqual({ target_modules: ['pooler.dense'] })
})

test('a key that begins with the name of the base, or with its beginning, is written out', () => {
  const ofFirst = { 'bert.encoder.0.query': 2, 'bert.encoder.0.output.dense': 2 }
  expect(inFull({ rank_pattern: { '^encoder\\.0.*': 2 } })).toEqual({ rank_pattern: ofFirst })
  expect(bare({ alpha_pattern: ofFirst })).toEqual({ alpha_pattern: { 'encoder.0.query': 2, 'encoder.0.output.dense': 2 } })
  expect(bare({ alpha_pattern: { '^bert\\.pooler.*': 3, query: 4 } })).toEqual({
    alpha_pattern: { 'encoder.0.query': 4, 'encoder.1.query': 4, 'pooler.dense': 3 },
  })
})
