import { expect, test } from 'vitest'
import { mayNameModel, modelNames, onOneBase } from './on-one-base.ts'

const served = [
  { id: 'base', kind: 'base' },
  { id: 'small', kind: 'base' },
  { id: 'a', kind: 'adapter' },
]

test("a base model's name in front is the server's, and none of an adapter", async () => {
  const models = await modelNames({ models: async () => served } as unknown as Parameters<typeof modelNames>[0])
  expect(models).toEqual(['base', 'small'])
  const asked = ['small + a + b', 'small + experts(a, b)', 'base + a', 'a + small@1', 'small']
  expect(asked.map((expression) => onOneBase(expression, models))).toEqual(['a + b', 'experts(a, b)', 'base + a', 'a + small@1', 'base'])
})

test('nobody is asked where no name can be that of a model', () => {
  const known = new Set(['base', 'a'])
  expect(['base + b', 'a + b', 'b', 'b@1 + a', 'experts(b, c)'].some((expression) => mayNameModel(expression, known))).toBe(false)
  expect(mayNameModel('small + a', known)).toBe(true)
})
