import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { urlBroken, urlCorrupt, urlRefused } from '../errors.ts'

interface Transfer {
  /** How often it may break off without a byte of progress before it is given up. */
  attempts?: number
  onBytes(done: number, total: number): void
}

/**
 * Fetches a URL to `target`, on from what an earlier try left where the server says that the file is the same. A fragment `#sha256=…` is checked.
 * Throws `url_refused`, `url_broken`, `url_corrupt`.
 */
export async function pullUrl(url: string, target: string, { attempts = 5, onBytes }: Transfer): Promise<void> {
  const partial = `${target}.${createHash('sha256').update(url).digest('hex').slice(0, 16)}.incomplete`
  for (let failures = 0; ; ) {
    const before = await sizeOf(partial)
    try {
      await transfer(url, partial, before, onBytes)
      break
    } catch (cause) {
      if ((cause as { code?: string }).code === 'url_refused') throw cause
      const have = await sizeOf(partial)
      failures = have > before ? 0 : failures + 1
      if (failures >= attempts) throw urlBroken(url, have, attempts, cause)
      await sleep(Math.min(4000, 100 * 2 ** failures))
    }
  }
  const expected = new URL(url).hash.match(/^#sha256=([0-9a-f]{64})$/)?.[1]
  if (expected !== undefined) {
    const got = await sha256Of(partial)
    if (got !== expected) {
      await rm(partial)
      throw urlCorrupt(url, got, expected)
    }
  }
  await rename(partial, target)
  await rm(`${partial}.etag`, { force: true })
}

async function transfer(url: string, partial: string, have: number, onBytes: Transfer['onBytes']): Promise<void> {
  const tag = have > 0 ? await readFile(`${partial}.etag`, 'utf8').catch(() => '') : ''
  const response = await fetch(url, { headers: tag ? { range: `bytes=${have}-`, 'if-range': tag } : {} })
  if (response.status >= 400 && response.status < 500 && response.status !== 416) throw urlRefused(url, response.status)
  if (!response.ok || !response.body) {
    if (response.status === 416) await rm(partial)
    throw new Error(`status ${response.status}`)
  }
  const resumed = response.status === 206
  const etag = response.headers.get('etag') ?? ''
  // A weak tag does not promise the same bytes.
  await writeFile(`${partial}.etag`, etag.startsWith('W/') ? '' : etag)
  let done = resumed ? have : 0
  const total = done + Number(response.headers.get('content-length') ?? 0)
  const handle = await open(partial, resumed ? 'a' : 'w')
  try {
    for await (const chunk of response.body) {
      await handle.write(chunk)
      done += chunk.length
      onBytes(done, Math.max(total, done))
    }
  } finally {
    await handle.close()
  }
  if (done < total) throw new Error(`the server closed the connection after ${done} of ${total} bytes`)
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  )
