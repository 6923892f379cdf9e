import { WeftError } from '@weft/adapters'
import { isWeftError } from '@weft/adapters/error'
import { tinyContext } from '@weft/test/cases/plugin'
import { expect, test } from 'vitest'
import * as zod from 'zod'
import * as z from 'zod/mini'
import { checkParameters } from './checks/check-parameters.ts'
import { initialize, normal, zeros } from './initializers.ts'
import { definePlugin, param, parseConfig } from './plugin.ts'
import { PluginRegistry } from './registry.ts'

const plugin = (id: string) =>
  definePlugin({ id, sites: ['inputsEmbeds'], config: z.object({ size: z._default(z.int(), 3) }), params: () => ({}), encode: () => ({}) })

test('an id is kebab-case and unique', () => {
  expect(() => plugin('PromptTuning')).toThrow(expect.objectContaining({ code: 'invalid_plugin' }))
  expect(() => new PluginRegistry([plugin('a'), plugin('a')])).toThrow(/two plugins are called "a"/)
})

test.each<[string, object, string]>([
  ['no params', { params: undefined }, 'its "params" is undefined; expected a function'],
  ['encode that is none', { encode: { rows: 1 } }, 'its "encode" is an object; expected a function'],
  ['another part that is none', { requires: ['style/trunk'] }, 'its "requires" is a list; expected a function, or leave it out'],
  ['no config', { config: undefined }, 'its "config" is undefined; expected a zod schema of version 4'],
  ['a config that is no schema', { config: { r: 4 } }, 'its "config" is an object; expected a zod schema'],
  ['no sites', { sites: undefined }, 'its "sites" is undefined; expected a list of "inputsEmbeds"'],
  ['a site that is none', { sites: ['nowhere'] }, 'its "sites" lists "nowhere", and there is no such site. There are "inputsEmbeds"'],
  ['a site nearly spelled', { sites: ['inputEmbeds'] }, 'its "sites" lists "inputEmbeds", and there is no such site; did you mean "inputsEmbeds"?'],
  ["the classifier's site", { sites: ['head'] }, 'its "sites" lists "head", which training adds'],
  [
    'a hyperparameter that is none',
    { hyperparameters: { learningrate: 1 } },
    'hyperparameters.learningrate: unknown field "learningrate"; did you mean "learningRate"?',
  ],
  ['a hyperparameter out of range', { hyperparameters: { learningRate: -1 } }, 'hyperparameters.learningRate: expected a number above 0'],
  ['a task that is none', { tasks: ['CHAT'] }, 'its "tasks" is ["CHAT"]; expected a list of "CAUSAL_LM"'],
])('a definition with %s is refused', (_, part, message) => {
  const whole = { id: 'mine', sites: ['inputsEmbeds'], config: z.object({}), params: () => ({}), encode: () => ({}) }
  const refused = expect.objectContaining({ code: 'invalid_plugin', message: expect.stringContaining(`plugin "mine": ${message}`) })
  expect(() => definePlugin({ ...whole, ...part } as never)).toThrow(refused)
})

test('an unknown method is a 404 with the nearest ones', () => {
  const list = new PluginRegistry([plugin('prompt-tuning'), plugin('prefix-tuning')])
  expect(list.get('prompt-tuning').id).toBe('prompt-tuning')
  expect(() => list.get('promt-tuning')).toThrow(
    expect.objectContaining({
      code: 'method_not_found',
      status: 404,
      message: expect.stringMatching(/did you mean "prompt-tuning".*plugins of weft\.config\.ts/),
    }),
  )
})

test('an unknown field of a config is refused with the nearest there is', () => {
  const config = z.strictObject({ numVirtualTokens: z._default(z.int(), 3) })
  const strict = definePlugin({ id: 'strict', sites: ['inputsEmbeds'], config, params: () => ({}), encode: () => ({}) })
  expect(() => parseConfig(strict, { numVirtualToken: 3 })).toThrow('unknown field "num_virtual_token"; did you mean "num_virtual_tokens"?')
  // Written as the wire has it, where the config's own names are asked for.
  expect(() => parseConfig(strict, { num_virtual_tokens: 3 })).toThrow('unknown field "num_virtual_tokens"; did you mean "numVirtualTokens"?')
})

test("a config's schema may come from either of zod's faces", () => {
  const classic = definePlugin({
    id: 'classic',
    sites: ['inputsEmbeds'],
    config: zod.object({ size: zod.number().default(4) }),
    params: ({ size }) => ({ a: { shape: [size], init: zeros, trainable: true } }),
    encode: () => ({}),
  })
  expect(parseConfig(classic, {})).toEqual({ size: 4 })
  expect(parseConfig(plugin('mini'), undefined)).toEqual({ size: 3 })
  expect(() => parseConfig(classic, { size: 'x' })).toThrow(expect.objectContaining({ code: 'invalid_config', param: 'method.classic.size' }))
})

test("an initializer that fills another shape is refused by the parameter's name", async () => {
  await expect(initialize(() => new Float32Array(3), tinyContext(), [2, 2], 'embedding')).rejects.toThrow(/"embedding" must fill \[2, 2\], got 3/)
  expect(await initialize(normal(1), tinyContext(), [2, 2], 'embedding')).toHaveLength(4)
})

test('fields within their bounds may ask for too much together', () => {
  const many = { ...param([4096, 4096, 4096], zeros) }
  const refused = expect.objectContaining({ code: 'too_many_parameters', status: 422 })
  expect(() => checkParameters({ id: 'rows' }, { many }, { weights: {} })).toThrow(refused)
  expect(() => checkParameters({ id: 'rows' }, { few: param([5000, 10_000], zeros) }, { weights: {} })).not.toThrow()
  // Full fine-tuning has as many as its base.
  const weights = { large: [100_000, 1000] }
  expect(() => checkParameters({ id: 'full' }, { large: param(weights.large, zeros) }, { weights })).not.toThrow()
})

test('errors are told apart by what they carry', () => {
  expect(isWeftError(new WeftError('x', 'y'))).toBe(true)
  expect(isWeftError(new Error('y'))).toBe(false)
})
