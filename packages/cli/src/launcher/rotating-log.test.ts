import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { RotatingLog } from './rotating-log.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-log-'))
afterAll(() => rmSync(scratch, { recursive: true }))

test('a log and the one before it stay below twice the limit', () => {
  const path = join(scratch, 'grows.log')
  const log = new RotatingLog(path, 1000)
  for (let i = 0; i < 1000; i++) log.write(`line ${i}`)
  log.close()
  expect(statSync(path).size + statSync(`${path}.1`).size).toBeLessThan(2100)
  expect(readFileSync(path, 'utf8') || readFileSync(`${path}.1`, 'utf8')).toContain('line 999')
  expect(statSync(`${path}.1`).mode & 0o077).toBe(0)
})

test('it goes on where an earlier start ended', () => {
  const path = join(scratch, 'again.log')
  for (const line of ['one', 'two']) {
    const log = new RotatingLog(path)
    log.write(line)
    log.close()
  }
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n')
})

test('lines that cannot be written are counted, and the count is written later', () => {
  const path = join(scratch, 'blocked.log')
  mkdirSync(path)
  const log = new RotatingLog(path)
  log.write('lost')
  log.write('lost too')
  rmdirSync(path)
  log.write('kept')
  log.close()
  expect(readFileSync(path, 'utf8')).toBe('(2 lines were left out here: they could not be written)\nkept\n')
  expect(existsSync(`${path}.1`)).toBe(false)
  chmodSync(path, 0o600)
})
