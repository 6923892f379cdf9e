import { spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { TemporaryFolder } from '../temporary-folder.ts'
import type { GpuBenchOptions } from './options.ts'
import type { Report } from './report.ts'

const program = fileURLToPath(new URL('killed-job.ts', import.meta.url))

/** A job that is killed after its second checkpoint and goes on from it, beside one that runs through. */
export async function killAndResume(report: Report, { device, short }: GpuBenchOptions): Promise<void> {
  await report.part('kill and resume', 'lora, 60 steps', short ? 5 : 40, async () => {
    using one = new TemporaryFolder('killed')
    using other = new TemporaryFolder('killed')
    const [through, killed] = [one.path, other.path]
    const whole = await job(through, device)
    writeFileSync(join(killed, 'slowly'), '')
    const first = await job(killed, device, 'checkpoint 20')
    if (first.signal !== 'SIGKILL')
      throw new Error(`the job ended by itself (${first.signal ?? first.code}) before it could be killed; it last said ${first.last}`)
    rmSync(join(killed, 'slowly'))
    const second = await job(killed, device)
    const equal = readFileSync(join(through, 'adapter')).equals(readFileSync(join(killed, 'adapter')))
    const [a, b] = [whole, second].map(({ last }) => (JSON.parse(last) as { loss: number }).loss)
    const apart = Math.abs(a - b)
    // On a card, sums of the same numbers need not be made in the same order.
    const fine = device === 'cpu' ? equal : apart < 0.01 * a
    return {
      'killed at': 20,
      'same bytes': equal ? 'yes' : 'no',
      'losses apart': apart.toExponential(1),
      ...(!fine && { failed: 'the resumed job ended elsewhere' }),
    }
  })
}

/** Runs the job to its end, or until it says `kill`. */
async function job(folder: string, device: string, kill?: string): Promise<{ code: number | null; signal: string | null; last: string }> {
  const child = spawn(process.execPath, [program, folder, device, 'float32'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let last = ''
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk))
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = line
    if (line === kill) child.kill('SIGKILL')
  })
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => child.on('close', (...ended) => resolve(ended)))
  if (signal === null && code !== 0) throw new Error(`the job failed: ${errors.trim().split('\n').at(-1)}`)
  return { code, signal, last }
}
