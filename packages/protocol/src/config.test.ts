import { definePlugin } from '@weft/methods'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { defineConfig } from './config.ts'

const plugin = (id: string) => definePlugin({ id, sites: [], config: z.object({}), params: () => ({}), encode: () => ({}) })

test('a configuration names each plugin once', () => {
  expect(defineConfig({ models: {}, plugins: [plugin('a'), plugin('b')] }).plugins.map(({ id }) => id)).toEqual(['a', 'b'])
  expect(() => defineConfig({ models: {}, plugins: [plugin('a'), plugin('a')] })).toThrow(expect.objectContaining({ code: 'invalid_plugin' }))
})
