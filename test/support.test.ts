import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { architectures } from '@weft/model'
import { expect, test } from 'vitest'
import { supportTable, written } from './support/table.ts'

test('docs/reference/methods.md says which methods are trained where', () => {
  expect(written().split('\n')).toEqual(supportTable().split('\n'))
})

test('README.md says which base models are read', () => {
  const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8')
  const [, named] = readme.match(/of one of these architectures, by the `model_type` of its config\.json: ([^[]+)\./) ?? []
  expect([...(named ?? '').matchAll(/`([\w-]+)`/g)].map(([, name]) => name)).toEqual(architectures.flatMap(({ modelTypes }) => modelTypes))
})
