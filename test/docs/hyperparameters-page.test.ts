import { readFileSync } from 'node:fs'
import { snakeCase } from '@weft/adapters'
import { defaultHyperparameters, hyperparametersSchema } from '@weft/methods'
import { expect, test } from 'vitest'

test('docs/reference/hyperparameters.md has every hyperparameter, with its default', () => {
  const page = readFileSync(new URL('../../docs/reference/hyperparameters.md', import.meta.url), 'utf8')
  const listed = [...page.matchAll(/^\| `(\w+)` \| (.+?) \|/gm)].map(([, name, value]) => [name, value!.replaceAll('`', '')])
  const usual = defaultHyperparameters() as Record<string, unknown>
  const shown = (value: unknown): string => (value === undefined ? '–' : Array.isArray(value) ? `[${value.join(', ')}]` : String(value))
  expect(listed).toEqual(Object.keys(hyperparametersSchema.shape).map((name) => [snakeCase(name), shown(usual[name])]))
})
