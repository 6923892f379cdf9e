import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isTest, sources } from '../structure/sources.ts'
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

test('a code that the source asks for is one that it gives', () => {
  const given = new Set(errorCodes().map(({ code }) => code))
  const asked = sources
    .filter(({ file }) => /packages\/(edge|adapters|inference|protocol|methods)\/src\//.test(file) && !isTest(file))
    .flatMap(({ text }) => [...text.matchAll(/error\.code === '([a-z_]+)'/g)].map(([, code]) => code!))
  expect(asked.length).toBeGreaterThan(3)
  expect(asked.filter((code) => !given.has(code))).toEqual([])
})
