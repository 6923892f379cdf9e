import { readFileSync } from 'node:fs'
import { fromWire, methodConfigSchema, sites, toWire } from '@weft/adapters'
import { defaultHyperparameters, parseConfig, usualHyperparameters } from '@weft/methods'
import { expect, test } from 'vitest'
import { safeParse } from 'zod/v4/core'
import { plugins } from './index.ts'

const page = readFileSync(new URL('../docs/reference/methods.md', import.meta.url), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => /^\| `[a-z0-9-]+` \|.*\|.*\|.*\|.*\|.*\|/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .filter(({ length }) => length === 7)
const yes = (value: unknown): string => (value ? 'yes' : 'no')

/** What a composition can do with the method's state, from what its sites declare. */
function composes(names: readonly (keyof typeof sites)[]): string {
  const own = names.map((name) => sites[name])
  if (!own.length || own.some(({ strength }) => strength === 'none')) return 'no'
  return ['stack', ...(own.every(({ mixes }) => mixes) ? ['mix'] : []), 'strength'].join(', ')
}

test('docs/reference/methods.md says what the plugins declare', () => {
  expect(rows).toEqual(
    plugins.map((plugin) => [
      `\`${plugin.id}\``,
      plugin.sites.join(', ') || '–',
      plugin.tasks?.join(', ') ?? 'all',
      yes(plugin.trains !== false),
      composes(plugin.sites),
      yes(plugin.peft && plugin.peft.imports !== false),
      yes(plugin.peft),
    ]),
  )
})

test('what is said of them all is said of each', () => {
  const words = ['Twelve', 'Thirteen', 'Fourteen', 'Fifteen', 'Sixteen', 'Seventeen', 'Eighteen']
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  expect(readme).toContain(`\n${words[plugins.length - 12]} methods come along`)
  // What has a step to cost is in the table of costs.
  const costs = page.slice(page.indexOf('## What each costs'), page.indexOf('## Which one'))
  const priced = [...costs.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, id]) => id)
  expect(priced).toEqual(plugins.filter(({ trains }) => trains !== false).map(({ id }) => id))
})

test.each(plugins.map((plugin) => [plugin.id, plugin] as const))('%s has a README that names its paper and every config field', (id, plugin) => {
  const readme = readFileSync(new URL(`./${id}/README.md`, import.meta.url), 'utf8')
  if (plugin.paper) expect(readme).toContain(plugin.paper)
  for (const field of Object.keys((plugin.config as unknown as { def: { shape?: object } }).def.shape ?? {})) expect(readme).toContain(`\`${field}\``)
})

test.each(plugins.map((plugin) => [plugin.id, plugin] as const))("%s: the wire renames its config's fields and nothing within them", (_, plugin) => {
  // Every letter case that could be renamed, in a map wherever the schema has one.
  const keys = { 'block.0.SelfAttention': 1, q_proj: 2 }
  const fields = Object.keys((plugin.config as unknown as { def: { shape: object } }).def.shape)
  const config = Object.fromEntries(fields.map((field) => [field, keys]))
  const wire = toWire(methodConfigSchema, config)
  expect(Object.values(wire)).toEqual(fields.map(() => keys))
  // A field that is an object with fields of its own would need a schema that says so.
  const parsed = safeParse(plugin.config, config)
  for (const { code, path } of parsed.error?.issues ?? []) expect(code === 'unrecognized_keys' && path.length > 0).toBe(false)
  expect(fromWire(methodConfigSchema, wire)).toEqual(config)
})

test('defaults alone configure every method that requires nothing', () => {
  const configured = plugins.filter((plugin) => {
    try {
      parseConfig(plugin, {})
      return true
    } catch {
      return false
    }
  })
  expect(plugins.filter((plugin) => !configured.includes(plugin)).map(({ id }) => id)).toEqual(['prompt-adapter', 'text'])
})

const searched = plugins.flatMap(({ id, searchSpace, ...plugin }) => (searchSpace ? [[id, { plugin: { id, ...plugin }, searchSpace }] as const] : []))

test.each(searched)('%s: its search space is a grid of nine settings that it takes, and its defaults are one of them', (_, { plugin, searchSpace }) => {
  const { learningRate, setting } = searchSpace
  expect(learningRate.length * setting.values.length).toBe(9)
  expect(learningRate).toContain(defaultHyperparameters(usualHyperparameters(plugin)).learningRate)
  for (const value of setting.values) expect(parseConfig<any>(plugin, { [setting.name]: value })[setting.name]).toEqual(value)
  expect(setting.values).toContainEqual(parseConfig<any>(plugin, {})[setting.name])
})
