import { tinyModel } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { zeros } from '../initializers.ts'
import { definePlugin, type Plugin, param } from '../plugin.ts'
import { checkActs, unusedParameters } from './check-acts.ts'

const H = tinyModel.hiddenSize
const giving = (encode: unknown): Plugin =>
  definePlugin({
    id: 'mine',
    sites: ['inputsEmbeds'],
    config: z.strictObject({}),
    params: () => ({ a: param([2, H], zeros), b: param([2, H], zeros), held: param([2, H], zeros, { trainable: false }) }),
    encode,
  } as never)

test('a method that gives nothing is refused, but beside a head', () => {
  for (const encode of [() => ({}), () => ({ residual: {} })]) {
    const plugin: Plugin = { ...giving(encode), sites: ['inputsEmbeds', 'residual'] }
    expect(() => checkActs(plugin, {}, tinyModel, 'CAUSAL_LM')).toThrow(
      expect.objectContaining({ code: 'plugin_failed', message: expect.stringContaining('its "encode" gave no tensor for this config') }),
    )
    expect(() => checkActs(plugin, {}, tinyModel, 'SEQ_CLS')).not.toThrow()
  }
  expect(() =>
    checkActs(
      giving((_: unknown, { a }: any) => ({ inputsEmbeds: { rows: a } })),
      {},
      tinyModel,
      'CAUSAL_LM',
    ),
  ).not.toThrow()
})

test('parameters that nothing is made of are told', () => {
  const unused = (encode: unknown): string[] => unusedParameters(giving(encode), {}, tinyModel)
  expect(unused((_: unknown, { a }: any) => ({ inputsEmbeds: { rows: a } }))).toEqual(['b'])
  expect(unused((g: any, { a, b }: any) => ({ inputsEmbeds: { rows: g.mul(g.add(a, b), 2) } }))).toEqual([])
  expect(unused((_: unknown, { held }: any) => ({ inputsEmbeds: { rows: held } }))).toEqual(['a', 'b'])
})
