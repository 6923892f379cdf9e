import { expect, test } from 'vitest'
import * as zod from 'zod'
import * as z from 'zod/mini'
import { checkAdapter } from '../checks/check-adapter.ts'
import { definePlugin, type Plugin, parseConfig } from '../plugin.ts'
import { PluginRegistry } from '../registry.ts'

const method = (config: unknown): Plugin => definePlugin({ id: 'mine', sites: ['residual'], config, params: () => ({}), encode: () => ({}) } as never)
const size = z._default(z.int(), 3)

test.each<[string, unknown, unknown, string]>([
  ['an object', z.object({ size }), { size: 4, nonsense: 5 }, 'method.mine.nonsense: unknown field "nonsense"; there are "size"'],
  ['an object of the other face', zod.object({ numVirtual: zod.int().default(3) }), { numVirtul: 5 }, 'did you mean "num_virtual"?'],
  [
    'an object within',
    z.object({ inner: z.optional(z.object({ size })) }),
    { inner: { sise: 1 } },
    'method.mine.inner.sise: unknown field "sise"; did you mean "size"?',
  ],
  ['a list of objects', z.object({ list: z.array(z.object({ size })) }), { list: [{}, { sise: 1 }] }, 'method.mine.list[1].sise: unknown field "sise"'],
  [
    'a map of objects',
    z.object({ map: z.record(z.string(), z.object({ size })) }),
    { map: { a: { sise: 1 } } },
    'method.mine.map.a.sise: unknown field "sise"',
  ],
  [
    'a member of a union',
    z.union([z.object({ kind: z.literal('a') }), z.object({ kind: z.literal('b'), size })]),
    { kind: 'a', size: 1 },
    'unknown field "size"',
  ],
  [
    'an object that is changed',
    z.pipe(
      z.object({ size }),
      z.transform((given) => given),
    ),
    { sise: 1 },
    'unknown field "sise"',
  ],
])('what %s would drop is refused', (_, schema, config, message) => {
  expect(() => parseConfig(method(schema), config)).toThrow(
    expect.objectContaining({ code: 'invalid_config', status: 400, message: expect.stringContaining(message) }),
  )
})

test('what a schema keeps is taken', () => {
  expect(parseConfig(method(z.looseObject({ size })), { other: 5 })).toEqual({ size: 3, other: 5 })
  expect(parseConfig(method(z.object({ size, map: z.optional(z.record(z.string(), z.int())) })), { map: { any: 1 } })).toEqual({ size: 3, map: { any: 1 } })
  expect(parseConfig(method(z.object({ size })), { nothing: undefined })).toEqual({ size: 3 })
})

test('a stored config says no more than its method knows', () => {
  const manifest = { method: 'mine', config: { size: 3, nonsense: 5 }, sites: [], task: 'CAUSAL_LM' }
  expect(() => checkAdapter({ manifest, state: {} } as never, new PluginRegistry([method(z.object({ size }))]))).toThrow(
    expect.objectContaining({ code: 'manifest_invalid', message: expect.stringContaining('config.nonsense: unknown field "nonsense"') }),
  )
})

test('a check that waits is the fault of the plugin, also where it comes late', () => {
  const late = method(z.strictObject({ path: z.string().check(z.refine(async () => true)) }))
  expect(() => parseConfig(late, { path: 'a' })).toThrow(
    expect.objectContaining({
      code: 'plugin_failed',
      status: 422,
      message: expect.stringContaining('its "config" has a check or a transform that gives a promise'),
    }),
  )
  const refine = () => {
    throw new TypeError('no')
  }
  expect(() => parseConfig(method(z.strictObject({ path: z.string().check(z.refine(refine)) })), { path: 'a' })).toThrow(
    expect.objectContaining({ code: 'plugin_failed', message: expect.stringContaining('its "config" threw TypeError: no') }),
  )
})
