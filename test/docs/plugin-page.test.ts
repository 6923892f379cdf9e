import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

test('the definition on docs/contracts/plugin.md has every member that the type has, and no other', () => {
  const [, type = ''] = /export interface PluginDefinition<[\s\S]*?> \{\n([\s\S]*?)\n\}/.exec(read('packages/methods/src/plugin.ts')) ?? []
  const members = [...type.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name)
  const [, shown = ''] = /definePlugin\(\{\n([\s\S]*?)\n\}\)/.exec(read('docs/contracts/plugin.md')) ?? []
  const [first, ...lines] = shown.split('\n')
  const told = [...first!.matchAll(/(?:^| )(\w+): /g), ...lines.join('\n').matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name)
  expect(members.length).toBeGreaterThan(15)
  expect(told.toSorted()).toEqual(members.toSorted())
})
