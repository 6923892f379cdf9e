import { rm } from 'node:fs/promises'
import { type ModelSession, openSession } from '@weft/session'
import { afterAll, beforeAll } from 'vitest'
import { writeTinyLlama } from './tiny-llama.ts'

/** A session over a tiny llama for the tests of one file; to be asked for when a test runs. */
export function tinySession(): () => ModelSession {
  const folder = writeTinyLlama()
  let session: ModelSession
  beforeAll(async () => {
    session = await openSession(folder, { threads: 1 })
  })
  afterAll(async () => {
    await session.close()
    await rm(folder, { recursive: true })
  })
  return () => session
}
