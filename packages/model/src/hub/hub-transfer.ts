import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileDownloadInfo, HubApiError } from '@huggingface/hub'
import { hubBroken, hubCorrupt, hubRefused } from '../errors.ts'

export interface Remote {
  name: string
  revision: string
  endpoint: string
  accessToken?: string
}

export interface RemoteFile {
  path: string
  size: number
  /** Large files carry their sha256; the others git's blob id, sha1("blob <size>\0" + content). */
  digest: { kind: 'sha256' | 'git'; value: string }
}

interface Transfer {
  attempts: number
  onBytes: (bytes: number) => void
}

/** Fetches one file to `target`, on from what an earlier try left, and checks its digest. */
export async function fetchVerified(remote: Remote, file: RemoteFile, target: string, { attempts, onBytes }: Transfer): Promise<void> {
  // Named for its content, so that a file that changed on the hub is not continued with another's bytes.
  const partial = `${target}.${file.digest.value.slice(0, 16)}.incomplete`
  let failures = 0
  for (;;) {
    const have = await sizeOf(partial)
    if (have === file.size && failures === 0 && have > 0) break
    try {
      await transfer(remote, file, partial, have, onBytes)
      break
    } catch (cause) {
      if (cause instanceof HubApiError && cause.statusCode < 500) throw hubRefused(remote.endpoint, `${remote.name}/${file.path}`, cause.statusCode, cause)
      const now = await sizeOf(partial)
      failures = now > have ? 1 : failures + 1
      if (failures >= attempts) throw hubBroken(file.path, now, file.size, attempts, cause)
      await sleep(Math.min(100 * 2 ** failures, 5_000))
    }
  }
  const digest = await digestOf(partial, file)
  if (digest !== file.digest.value) {
    await rm(partial, { force: true })
    throw hubCorrupt(file.path, digest, file.digest.value)
  }
  await rename(partial, target)
}

const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(() => null))?.size ?? 0

async function transfer({ name, revision, endpoint, accessToken }: Remote, file: RemoteFile, partial: string, have: number, onBytes: (bytes: number) => void) {
  const info = await fileDownloadInfo({ repo: { type: 'model', name }, path: file.path, revision, hubUrl: endpoint, accessToken })
  if (!info) throw new HubApiError(`${endpoint}/${name}`, 404, undefined, `${file.path} is gone`)
  const response = await fetch(info.url, {
    headers: { ...(have > 0 && { range: `bytes=${have}-` }), ...(accessToken && { authorization: `Bearer ${accessToken}` }) },
  })
  if (!response.ok || !response.body) throw new HubApiError(info.url, response.status, undefined, `status ${response.status}`)
  const resumed = response.status === 206
  const handle = await open(partial, resumed ? 'a' : 'w')
  try {
    let bytes = resumed ? have : 0
    for await (const chunk of response.body) {
      await handle.write(chunk)
      bytes += chunk.length
      onBytes(Math.min(bytes, file.size))
    }
    if (bytes < file.size) throw new Error(`the server closed the connection after ${bytes} of ${file.size} bytes`)
  } finally {
    await handle.close()
  }
}

async function digestOf(path: string, { digest, size }: RemoteFile): Promise<string> {
  const hash = createHash(digest.kind === 'git' ? 'sha1' : 'sha256')
  if (digest.kind === 'git') hash.update(`blob ${size}\0`)
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
