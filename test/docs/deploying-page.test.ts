import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../structure/sources.ts'

test('docs/operating/deploying.md makes the queues that wrangler.toml names: wrangler deploy refuses those that nobody writes to', () => {
  const named = readFileSync(join(root, 'wrangler.toml'), 'utf8').matchAll(/^(?:queue|dead_letter_queue) = "(.+)"/gm)
  const [, made] = /for queue in ([\w -]+); do npx wrangler queues create/.exec(readFileSync(join(root, 'docs/operating/deploying.md'), 'utf8'))!
  expect(made!.split(' ').sort()).toEqual([...new Set([...named].map(([, queue]) => queue))].sort())
})
