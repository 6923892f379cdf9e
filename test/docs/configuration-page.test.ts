import { readFileSync } from 'node:fs'
import { policySchema } from '@weft/protocol'
import { configShape } from '@weft/protocol/config/config-shape'
import { expect, test } from 'vitest'

interface Definition {
  type: string
  innerType?: Schema
  element?: Schema
  valueType?: Schema
  options?: readonly Schema[]
  shape?: Record<string, Schema>
}
interface Schema {
  _zod: { def: Definition }
}

/** What has a page or a table of its own. */
const elsewhere = ['defaults.hyperparameters', 'defaults.sampling', 'tenants.NAME.policy', 'routes.NAME.policy', 'routes.NAME.defaults']

/** Paths of all that can be written: `[]` for an entry of a list of objects, `NAME` for a key of the writer's. */
const pathsOf = (schema: Schema, path = ''): string[] => {
  const { type, innerType, element, valueType, options, shape } = schema._zod.def
  if (elsewhere.includes(path)) return [path]
  if (innerType) return pathsOf(innerType, path)
  // One rule, or a list of such: the rule's fields.
  if (options) return [...new Set(options.flatMap((option) => (option._zod.def.type === 'array' && path === 'publish' ? [] : pathsOf(option, path))))]
  if (element) return [path, ...pathsOf(element, `${path}[]`).filter((each) => each !== `${path}[]`)]
  if (valueType) return pathsOf(valueType, `${path}.NAME`)
  if (type !== 'object') return [path]
  return Object.entries(shape!).flatMap(([name, field]) => pathsOf(field, path === '' ? name : `${path}.${name}`))
}

const page = readFileSync(new URL('../../docs/reference/configuration.md', import.meta.url), 'utf8')
const [before, policies, after] = page.split(/^### Policies$|^## Publishing$/m) as [string, string, string]
const listedIn = (text: string): string[] =>
  [...text.matchAll(/^\| (`.+?`) \|/gm)].flatMap(([, names]) => [...names!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!))

test('docs/reference/configuration.md has every field of weft.config.ts, and no other', () => {
  const listed = listedIn(before + after)
  expect(new Set(listed).size).toBe(listed.length)
  // A section whose entries are told need not be told itself.
  expect(listed.filter((path) => !['models', 'runners'].includes(path)).sort()).toEqual(
    pathsOf(configShape as unknown as Schema)
      .filter((path) => path !== 'runners')
      .sort(),
  )
})

test('and every rule of a policy', () => {
  expect(listedIn(policies).sort()).toEqual(Object.keys(policySchema.shape).sort())
})
