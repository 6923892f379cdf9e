import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { anonymousMemory, grown, joinPages, parseMaps } from './huge-pages.ts'
import { mapMemory } from './memory-mapping.ts'

const MB = 2 ** 20

test('memory of no file is what maps lists as private, to be written to, and nameless or the heap', () => {
  const maps = `55e0c9a4e000-55e0c9a6f000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000400000 rw-p 00000000 00:00 0 
7f0000400000-7f0000500000 ---p 00000000 00:00 0 
7f0000600000-7f0000700000 rw-s 00000000 fe:00 12 /tmp/file
7f0000800000-7f0000900000 rw-p 00001000 fe:00 13 /lib/libc.so
7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]
`
  expect(parseMaps(maps)).toEqual([
    [0x55e0c9a4e000, 0x55e0c9a6f000],
    [0x7f0000000000, 0x7f0000400000],
  ])
})

test('what has grown is what lies outside of all that was', () => {
  expect(grown([], [[1, 5]])).toEqual([[1, 5]])
  expect(
    grown(
      [
        [0, 2],
        [4, 6],
        [20, 30],
      ],
      [
        [1, 10],
        [20, 30],
        [40, 50],
      ],
    ),
  ).toEqual([
    [2, 4],
    [6, 10],
    [40, 50],
  ])
})

test('pages that are joined hold what they held; those that nobody has written to stay out of memory', async () => {
  const before = anonymousMemory()
  const mapping = mapMemory(16 * MB)
  const bytes = mapping ? new Uint8Array(mapping.buffer) : new Uint8Array(16 * MB)
  for (let i = 0; i < 8 * MB; i++) bytes[i] = i % 251
  const memory = mapping
    ? grown(before, anonymousMemory()).filter(([from, to]) => BigInt(from) < mapping.address + BigInt(16 * MB) && BigInt(to) > mapping.address)
    : []
  const joined = await joinPages(memory)
  expect(joined % (2 * MB)).toBe(0)
  expect(joined).toBeLessThanOrEqual(8 * MB)
  expect(bytes.findIndex((byte, i) => byte !== (i < 8 * MB ? i % 251 : 0))).toBe(-1)
  if (joined > 0) expect(Number(/^AnonHugePages: +(\d+)/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))![1])).toBeGreaterThanOrEqual(joined / 1024)
  mapping?.unmap()
})
