import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Patience } from './patience.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('who says nothing for so long is given up on, once', () => {
  const giveUp = vi.fn()
  const patience = new Patience(100, giveUp)
  patience.waits()
  vi.advanceTimersByTime(99)
  expect(giveUp).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(giveUp).toHaveBeenCalledOnce()
  vi.advanceTimersByTime(1000)
  expect(giveUp).toHaveBeenCalledOnce()
})

test('every word is waited for anew, and a pause of whoever listens counts for nothing', () => {
  const giveUp = vi.fn()
  const patience = new Patience(100, giveUp)
  for (let word = 0; word < 10; word++) {
    patience.waits()
    vi.advanceTimersByTime(90)
    patience.heard()
  }
  vi.advanceTimersByTime(10_000)
  expect(giveUp).not.toHaveBeenCalled()
  patience.waits()
  vi.advanceTimersByTime(99)
  expect(giveUp).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(giveUp).toHaveBeenCalledOnce()
})

test('a stream of many words takes one timer at a time, and none once it has ended', () => {
  const patience = new Patience(100, () => {})
  for (let word = 0; word < 1000; word++) {
    patience.waits()
    patience.heard()
  }
  expect(vi.getTimerCount()).toBe(1)
  patience.end()
  expect(vi.getTimerCount()).toBe(0)
})
