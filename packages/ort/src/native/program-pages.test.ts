import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parsePrograms, releasePrograms } from './program-pages.ts'

const region = (head: string, rss: number, anonymous: number): string => `${head}\nSize: 4096 kB\nRss: ${rss} kB\nAnonymous: ${anonymous} kB\nVmFlags: rd ex`

test('programs are what a file holds, can be run, and was never written to', () => {
  const smaps = [
    region('0082e000-00c2e000 r-xp 0042e000 08:01 77 /usr/bin/node', 2048, 0),
    region('00c2e000-0102e000 r--p 0082e000 08:01 77 /usr/bin/node', 2048, 0),
    region('7f0000000000-7f0000400000 r-xp 00000000 08:01 78 /usr/lib/patched.so', 2048, 4),
    region('7f0000400000-7f0000800000 r-xp 00000000 08:01 79 /usr/lib/small.so', 512, 0),
    region('7f0000800000-7f0000c00000 rwxp 00000000 00:00 0 ', 2048, 2048),
    region('7f0000c00000-7f0001000000 r-xp 00000000 00:00 0 [vdso]', 2048, 0),
  ].join('\n')
  expect(parsePrograms(smaps)).toEqual([[0x82e000, 0x400000]])
  expect(parsePrograms('')).toEqual([])
})

test.runIf(process.platform === 'linux')('released programs leave memory and run on', () => {
  const ofFiles = (): number => Number(/^RssFile:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))![1])
  const before = ofFiles()
  releasePrograms()
  expect(ofFiles()).toBeLessThan(before - 4096)
  expect(JSON.parse('[1, 2]').map((x: number) => x * 2)).toEqual([2, 4])
})
