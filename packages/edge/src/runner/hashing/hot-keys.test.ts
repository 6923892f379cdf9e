import { expect, test } from 'vitest'
import { halfLifeMs } from './decayed-count.ts'
import { HotKeys } from './hot-keys.ts'
import { monotonicClock } from './monotonic-clock.ts'

test('a key is held once, until it is a good part of the traffic; then on as many runners as that takes', () => {
  const hot = new HotKeys(() => 0)
  for (let at = 0; at < 1000; at++) {
    hot.asked(at % 4 === 0 ? 'hot' : `cold ${at}`)
    if (at % 20 === 0) hot.asked('warm')
  }
  expect(hot.replicasOf('cold 1', 8)).toBe(1)
  expect(hot.replicasOf('never asked', 8)).toBe(1)
  expect(hot.replicasOf('warm', 8)).toBe(1)
  // A quarter of all is the load of two runners of eight, so four hold it.
  expect(hot.replicasOf('hot', 8)).toBe(4)
  expect(hot.replicasOf('hot', 2)).toBe(1)
  expect(hot.replicasOf('hot', 1)).toBe(1)
})

test('a few requests make no key hot, and what was hot cools', () => {
  let now = 0
  const hot = new HotKeys(() => now)
  for (let at = 0; at < 8; at++) hot.asked('first')
  expect(hot.replicasOf('first', 8)).toBe(1)
  for (let at = 0; at < 100; at++) hot.asked('first')
  expect(hot.replicasOf('first', 8)).toBe(8)
  now += 4 * halfLifeMs
  expect(hot.replicasOf('first', 8)).toBe(1)
})

test('a clock that is set back stands still, and one that jumps ahead moves by a minute', () => {
  let wall = 1_000_000
  const now = monotonicClock(() => wall)
  wall += 10
  expect(now()).toBe(10)
  wall -= 3_600_000
  expect(now()).toBe(10)
  wall += 5
  expect(now()).toBe(15)
  wall += 86_400_000
  expect(now()).toBe(60_015)
})
