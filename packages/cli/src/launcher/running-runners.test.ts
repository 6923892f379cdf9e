import { expect, test } from 'vitest'
import { runningRunners } from './running-runners.ts'

test('runners of the configuration run already; without them one is to be started', () => {
  expect(runningRunners({}, { model: 'smollm2-135m' })).toBeUndefined()
  expect(runningRunners({ runner: { threads: 2 } }, { device: 'cpu' })).toBeUndefined()
  expect(runningRunners({ runner: { url: 'http://a:1' } }, {})).toBe('http://a:1')
  expect(runningRunners({ runners: { pools: { one: { urls: ['http://a:1', 'http://b:1'] }, two: { dns: 'http://c:1' } } } }, {})).toBe(
    'http://a:1 http://b:1 http://c:1',
  )
})

test.each([
  [{ runner: { url: 'http://a:1' } }, { model: './folder' }, '--model', '"runner.url"'],
  [{ runners: ['http://a:1'] }, { device: 'cpu' }, '--device', '"runners"'],
  [{ runners: ['http://a:1'] }, { precision: 'int4' }, '--precision', '"runners"'],
  [{ runner: { url: 'http://a:1' } }, { runners: 2 }, '--runners', '"runner.url"'],
])('%j with %j is refused: nobody would be told', (config, told, option, field) => {
  expect(() => runningRunners(config, told)).toThrow(
    expect.objectContaining({ code: 'runs_already', exitCode: 2, message: expect.stringMatching(new RegExp(`^${option} .*${field}`)) }),
  )
})
