import { createHash } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { fileDownloadInfo } from '@huggingface/hub'
import { digestOf, sizeOf, writeFrom } from '../transfer/partial-file.ts'
import { untilWhole } from '../transfer/until-whole.ts'
import { hubBroken, hubCorrupt } from './errors.ts'
import { answered, HubAnswer, refusalOf } from './hub-answer.ts'
import type { Remote } from './remote.ts'

export interface RemoteFile {
  path: string
  size: number
  /** Large files carry their sha256; the others git's blob id, sha1("blob <size>\0" + content). */
  digest: { kind: 'sha256' | 'git'; value: string }
}

interface Options {
  attempts: number
  onBytes: (bytes: number) => void
}

/** Fetches one file to `target`, on from what an earlier try left, and checks its digest. */
export async function fetchVerified(remote: Remote, file: RemoteFile, target: string, { attempts, onBytes }: Options): Promise<void> {
  // Named for its content, so that a file that changed on the hub is not continued with another's bytes.
  const partial = `${target}.${file.digest.value.slice(0, 16)}.incomplete`
  const isWhole = file.size > 0 && (await sizeOf(partial)) === file.size
  if (!isWhole)
    await untilWhole({
      partial,
      attempts,
      transfer: (have) => transfer(remote, file, partial, have, onBytes),
      broken: (have, cause) => hubBroken(file.path, have, file.size, attempts, cause),
    })
  const hash = file.digest.kind === 'git' ? createHash('sha1').update(`blob ${file.size}\0`) : createHash('sha256')
  const digest = await digestOf(partial, hash)
  if (digest !== file.digest.value) {
    await rm(partial, { force: true })
    throw hubCorrupt(file.path, digest, file.digest.value)
  }
  await rename(partial, target)
}

async function transfer(remote: Remote, file: RemoteFile, partial: string, have: number, onBytes: (bytes: number) => void): Promise<void> {
  const { body, resumed } = await ask(remote, file, have > 0 ? `${have}-` : undefined).catch((cause) => {
    if (cause instanceof HubAnswer && cause.status < 500) throw refusalOf(remote, cause, file.path)
    throw cause
  })
  const size = await writeFrom(partial, resumed ? have : 0, body, (size) => onBytes(Math.min(size, file.size)))
  if (size < file.size) throw new Error(`the server closed the connection after ${size} of ${file.size} bytes`)
}

/** A file's first bytes, fewer where it is shorter; undefined where they are not to be had, which a transfer of the whole will say more of. */
export async function startOf(remote: Remote, file: RemoteFile, bytes: number): Promise<Uint8Array | undefined> {
  try {
    const { body, resumed } = await ask(remote, file, `0-${bytes - 1}`)
    if (resumed) return new Uint8Array(await new Response(body).arrayBuffer())
    await body.cancel()
  } catch {
    // said by the transfer
  }
  return undefined
}

/** Where the file lies may have changed, so that is asked each time. */
async function ask({ name, revision, endpoint, accessToken }: Remote, { path }: RemoteFile, range?: string) {
  const info = await fileDownloadInfo({ repo: { type: 'model', name }, path, revision, hubUrl: endpoint, accessToken, fetch: answered })
  const response = await answered(info!.url, {
    headers: { ...(range !== undefined && { range: `bytes=${range}` }), ...(accessToken && { authorization: `Bearer ${accessToken}` }) },
  })
  if (!response.body) throw new Error('the server sent no content')
  return { body: response.body, resumed: response.status === 206 }
}
