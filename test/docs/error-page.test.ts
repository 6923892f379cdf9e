import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isTest, root, sources } from '../structure/sources.ts'
import { errorCodes, makers } from './error-codes.ts'
import { errorPage, errorPageNow } from './error-page.ts'

test('docs/reference/errors.md has every code, as the source has it (npm run docs -- --errors writes it)', () => {
  expect(readFileSync(errorPage, 'utf8')).toBe(errorPageNow())
})

test('codes are read with their status, fault and words', () => {
  const of = (code: string): object[] => errorCodes().filter((each) => each.code === code)
  expect(of('storage_full')).toContainEqual(
    expect.objectContaining({ status: '507', fault: 'ours', message: expect.stringMatching(/^The store did not take .*\(…\)\. .*try again\.$/) }),
  )
  expect(of('invalid_api_key')).toContainEqual(
    expect.objectContaining({ status: '401', fault: 'caller', message: expect.stringMatching(/^Incorrect API key provided/) }),
  )
  expect(of('port_taken')).toMatchObject([{ status: 'exit 1' }, { status: '500' }])
})

test('codes of functions that are not called errors are there, with the status of those functions', () => {
  const statusOf = (wanted: string): string | undefined => errorCodes().find(({ code }) => code === wanted)?.status
  expect(['database_busy', 'database_in_use', 'database_moved', 's3_failed'].map(statusOf)).toEqual(['503', '500', '400', '500'])
  expect(['loss_not_finite', 'unreadable_checkpoint', 'training_file_too_large', 'training_file_mixed'].map(statusOf)).toEqual(['422', '422', '400', '400'])
})

test('whatever takes a code and words is known to the page, or makes what a verdict finds', () => {
  const takesThem = /(?:const |function |^ +)(#?\w+)(?: = )?\((?:status: number, )?code: string, (?:message|why)\??: string/gm
  const unknown = sources
    .filter(({ file }) => !isTest(file) && !file.endsWith('/verdict/findings.ts'))
    .flatMap(({ file, text }) => [...text.matchAll(takesThem)].map(([, name]) => ({ file, name: name! })))
    .filter(({ file, name }) => !/^(constructor|\w*(Error|refused|refuse))$/.test(name) && makers[file]?.[name] === undefined)
  expect(unknown).toEqual([])
})

test('what ends a start or a move on Node is among them, with its status', () => {
  const codes = errorCodes()
  const of = (code: string): string[] => codes.filter((each) => each.code === code).map(({ status }) => status)
  const page = readFileSync(join(root, 'docs/operating/deploying-on-node.md'), 'utf8')
  const [, ends] = page.split('## What ends a start')
  const told = [...ends!.matchAll(/^\| ([^|]*) \|/gm)].flatMap(([, cell]) => [...cell!.matchAll(/`([a-z0-9_]+)`/g)].map(([, code]) => code!))
  expect(told.length).toBeGreaterThan(15)
  expect(told.filter((code) => of(code).length === 0)).toEqual([])
  const source = readFileSync(join(root, 'packages/node-edge/src/errors.ts'), 'utf8')
  const given = [...source.matchAll(/(?:failure|outage)\(\s*'([a-z0-9_]+)'/g)].map(([, code]) => code!)
  expect(given.length).toBeGreaterThan(20)
  expect(given.filter((code) => of(code).length === 0)).toEqual([])
  expect(['nothing_to_move', 'objects_not_moved', 'database_in_use', 'database_busy', 's3_failed'].map(of)).toEqual([
    ['400', '400'],
    ['500'],
    ['500'],
    ['503'],
    ['500', '503'],
  ])
})

test('a code that the source asks for is one that it gives', () => {
  const given = new Set(errorCodes().map(({ code }) => code))
  const asked = sources
    .filter(({ file }) => /packages\/(edge|adapters|inference|protocol|methods)\/src\//.test(file) && !isTest(file))
    .flatMap(({ text }) => [...text.matchAll(/error\.code === '([a-z_]+)'/g)].map(([, code]) => code!))
  expect(asked.length).toBeGreaterThan(3)
  expect(asked.filter((code) => !given.has(code))).toEqual([])
})
