import { rm } from 'node:fs/promises'
import { afterAll, beforeAll } from 'vitest'
import { type Loom, openLoom } from '../loom/index.ts'
import { writeTinyLlama } from './tiny-llama.ts'

/** A loom over a tiny llama for the tests of one file; to be asked for when a test runs. */
export function tinyLoom(): () => Loom {
  const folder = writeTinyLlama()
  let loom: Loom
  beforeAll(async () => { loom = await openLoom(folder, { threads: 1 }) })
  afterAll(async () => {
    await loom.close()
    await rm(folder, { recursive: true })
  })
  return () => loom
}
