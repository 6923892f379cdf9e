import { createHash } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { urlBroken, urlCorrupt, urlRefused } from '../errors.ts'
import { digestOf, writeFrom } from '../transfer/partial-file.ts'
import { untilWhole } from '../transfer/until-whole.ts'

interface Options {
  /** How often it may break off without a byte of progress before it is given up. */
  attempts?: number
  onBytes(done: number, total: number): void
}

/**
 * Fetches a URL to `target`, on from what an earlier try left where the server says that the file is the same. A fragment `#sha256=…` is checked.
 * Throws `url_refused`, `url_broken`, `url_corrupt`, `disk_refused`.
 */
export async function pullUrl(url: string, target: string, { attempts = 5, onBytes }: Options): Promise<void> {
  const partial = `${target}.${createHash('sha256').update(url).digest('hex').slice(0, 16)}.incomplete`
  await untilWhole({
    partial,
    attempts,
    transfer: (have) => transfer(url, partial, have, onBytes),
    broken: (have, cause) => urlBroken(url, have, attempts, cause),
  })
  const expected = new URL(url).hash.match(/^#sha256=([0-9a-f]{64})$/)?.[1]
  if (expected !== undefined) {
    const got = await digestOf(partial)
    if (got !== expected) {
      await rm(partial)
      throw urlCorrupt(url, got, expected)
    }
  }
  await rename(partial, target)
  await rm(`${partial}.etag`, { force: true })
}

async function transfer(url: string, partial: string, have: number, onBytes: Options['onBytes']): Promise<void> {
  const tag = have > 0 ? await readFile(`${partial}.etag`, 'utf8').catch(() => '') : ''
  const response = await fetch(url, { headers: tag ? { range: `bytes=${have}-`, 'if-range': tag } : {} })
  if (response.status >= 400 && response.status < 500 && response.status !== 416) throw urlRefused(url, response.status)
  if (!response.ok || !response.body) {
    if (response.status === 416) await rm(partial)
    throw new Error(`status ${response.status}`)
  }
  const from = response.status === 206 ? have : 0
  const etag = response.headers.get('etag') ?? ''
  // A weak tag does not promise the same bytes.
  await writeFile(`${partial}.etag`, etag.startsWith('W/') ? '' : etag)
  const total = from + Number(response.headers.get('content-length') ?? 0)
  const done = await writeFrom(partial, from, response.body, (size) => onBytes(size, Math.max(total, size)))
  if (done < total) throw new Error(`the server closed the connection after ${done} of ${total} bytes`)
}
