import { main } from '@weft/cli'
import { vi } from 'vitest'
import type { Served } from './served-tiny-model.ts'

/** One command line against a running edge, in this process, which takes no time to start. */
export async function commandHere({ weft, key }: Served, ...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      printed[name] += String(text)
      return true
    })
  vi.stubEnv('WEFT_URL', weft.url)
  vi.stubEnv('WEFT_API_KEY', key)
  process.exitCode = 0
  await main([process.execPath, 'weft', ...args])
  const status = Number(process.exitCode)
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  process.exitCode = 0
  return { status, ...printed }
}
