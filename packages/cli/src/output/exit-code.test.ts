import { WeftError } from '@weft/adapters'
import { ModelError } from '@weft/model'
import { expect, test } from 'vitest'
import { CliError } from '../errors.ts'
import { exitCodeOf } from './exit-code.ts'

const refused = (status: number, code = 'any'): number => exitCodeOf(new WeftError(code, 'Not so.', { status }))

test('what the edge refuses of what was said is asked wrongly; what stands in the way, and what failed, is not', () => {
  expect([400, 404, 413, 422].map((status) => refused(status))).toEqual([2, 2, 2, 2])
  expect(refused(409, 'wrong_base_model')).toBe(2)
  expect(exitCodeOf(new WeftError('adapter_not_found', 'It is being trained.', { status: 404, details: { job: 'ftjob-1' } }))).toBe(1)
  expect([401, 403, 405, 408, 409, 410, 412, 424, 429, 499, 500, 502, 503, 504, 507].filter((status) => refused(status) !== 1)).toEqual([])
})

test('the same is so of what is refused on this machine, and of a transfer that broke off it is not', () => {
  expect(exitCodeOf(new ModelError('not_pullable', 'Nothing to pull.'))).toBe(2)
  expect(exitCodeOf(new ModelError('hub_broken', 'It broke off.', { status: 502, fault: 'caller' }))).toBe(1)
  expect(exitCodeOf(new CliError('usage', 'Not so.', 2))).toBe(2)
  expect(exitCodeOf(new CliError('port_taken', 'Taken.'))).toBe(1)
})

test('what nobody foresaw, and an answer that is no edge’s, is no fault of the line', () => {
  expect(exitCodeOf(new TypeError('x is not a function'))).toBe(1)
  expect(exitCodeOf(Object.assign(new Error('built wrongly'), { code: 'shape_mismatch', fault: 'ours' }))).toBe(1)
  expect(refused(404, 'unexpected_response')).toBe(1)
})
