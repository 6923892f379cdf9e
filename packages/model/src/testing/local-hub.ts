import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

/** A hub on this machine: the real protocol's tree and resolve endpoints over a folder, with faults to order. */
export class LocalHub {
  readonly requests: { path: string; range: string | undefined; sent: number }[] = []
  /** Of every listing, by the revision that it was asked for. */
  readonly listings: string[] = []
  /** Cuts the n-th body of a file after so many bytes. */
  cuts = new Map<string, number[]>()
  /** Files whose bytes are not what the tree says. */
  corrupt = new Set<string>()
  status = 200
  /** What it says of why, beside `status`. */
  reason: { code?: string; message?: string } = {}
  /** Who may read the files is asked for, as the hub does; who may list them is not. */
  gated = false
  /** Folders of other revisions than main. */
  readonly revisions = new Map<string, string>()
  #server: Server
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    this.#server = createServer((request, response) => {
      const url = new URL(request.url!, 'http://hub')
      const refuse = (status: number, { code, message }: LocalHub['reason'] = {}): unknown =>
        response
          .writeHead(status, {
            'content-type': 'application/json',
            ...(code !== undefined && { 'x-error-code': code }),
            ...(message !== undefined && { 'x-error-message': message }),
          })
          .end('{"error":"no"}')
      if (this.status !== 200) return refuse(this.status, this.reason)
      const token = request.headers.authorization !== undefined
      const [, listed, resolved, below] = url.pathname.match(/^(?:\/api\/models\/org\/tiny\/tree\/([^/]+)|\/org\/tiny\/resolve\/([^/]+))(?:\/(.+))?$/) ?? []
      const revision = listed ?? resolved
      if (revision === undefined) return refuse(token ? 404 : 401, { code: 'RepoNotFound', message: 'Repository not found' })
      const root = revision === 'main' ? folder : this.revisions.get(decodeURIComponent(revision))
      if (root === undefined) return refuse(404, { code: 'RevisionNotFound', message: `Invalid rev id: ${revision}` })
      if (listed !== undefined) {
        this.listings.push(decodeURIComponent(listed))
        const recursive = url.searchParams.get('recursive') === 'true'
        return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(tree(root, below ?? '', recursive)))
      }
      const path = decodeURIComponent(below ?? '')
      if (this.gated) return refuse(token ? 403 : 401, { code: 'GatedRepo', message: 'Access to model org/tiny is restricted.' })
      if (!existsSync(join(root, path))) return refuse(404, { code: 'EntryNotFound', message: 'Entry not found' })
      let bytes = readFileSync(join(root, path))
      if (this.corrupt.has(path)) bytes = Buffer.from(bytes).fill(0, 0, 1)
      const range = request.headers.range
      const [, from, to] = range?.match(/^bytes=(\d+)-(\d*)$/) ?? [undefined, '0', '']
      const body = bytes.subarray(Number(from), to ? Number(to) + 1 : undefined)
      response.writeHead(range ? 206 : 200, {
        etag: `"${path}"`,
        'content-length': body.length,
        ...(range && { 'content-range': `bytes ${from}-${Number(from) + body.length - 1}/${bytes.length}` }),
      })
      const probe = range === 'bytes=0-0'
      const cut = probe ? undefined : this.cuts.get(path)?.shift()
      if (!probe) this.requests.push({ path, range, sent: cut ?? body.length })
      if (cut === undefined) return response.end(body)
      response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), 20))
    })
  }

  async listen(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((done) => this.#server.close(done))
  }
}

/** As the hub lists a folder: its files and folders, and with `recursive` what is in those. */
const tree = (root: string, below: string, recursive: boolean): object[] =>
  readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name)
    if (entry.isDirectory()) return [{ type: 'directory', path, size: 0, oid: '' }, ...(recursive ? tree(root, path, true) : [])]
    const bytes = readFileSync(join(root, path))
    const oid = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
    const lfs = { oid: createHash('sha256').update(bytes).digest('hex'), size: bytes.length, pointerSize: 134 }
    return [{ type: 'file', path, size: bytes.length, oid, ...(path.endsWith('.safetensors') && { lfs }) }]
  })
