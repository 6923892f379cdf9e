import { join } from 'node:path'
import { vi } from 'vitest'
import { main } from '../src/main.ts'

export const bin = join(import.meta.dirname, '..', 'bin', 'weft.mjs')

/** Nothing listens there. */
export const nowhere = 'http://127.0.0.1:9'

/** One command line, in this process: what it printed and its exit code. */
export const typed = async (...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> => {
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      printed[name] += String(text)
      return true
    })
  process.exitCode = 0
  await main([process.execPath, bin, ...args])
  const status = Number(process.exitCode)
  vi.restoreAllMocks()
  process.exitCode = 0
  return { status, ...printed }
}
