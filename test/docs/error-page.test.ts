import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isTest, sources } from '../structure/sources.ts'
import { errorCodes } from './error-codes.ts'
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
  expect(of('port_taken')).toMatchObject([{ status: 'exit 1' }])
})

test('a code that the source asks for is one that it gives', () => {
  const given = new Set(errorCodes().map(({ code }) => code))
  const asked = sources
    .filter(({ file }) => /packages\/(edge|adapters|inference|protocol|methods)\/src\//.test(file) && !isTest(file))
    .flatMap(({ text }) => [...text.matchAll(/error\.code === '([a-z_]+)'/g)].map(([, code]) => code!))
  expect(asked.length).toBeGreaterThan(3)
  expect(asked.filter((code) => !given.has(code))).toEqual([])
})
