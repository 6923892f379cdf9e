import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

/** A hub on this machine: the real protocol's tree and resolve endpoints over a folder, with faults to order. */
export class LocalHub {
  readonly requests: { path: string; range: string | undefined; sent: number }[] = []
  /** Cuts the n-th body of a file after so many bytes. */
  cuts = new Map<string, number[]>()
  /** Files whose bytes are not what the tree says. */
  corrupt = new Set<string>()
  status = 200
  #server: Server
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    this.#server = createServer((request, response) => {
      const url = new URL(request.url!, 'http://hub')
      if (this.status !== 200) return response.writeHead(this.status, { 'content-type': 'application/json' }).end('{"error":"no"}')
      const listed = url.pathname.match(/^\/api\/models\/org\/tiny\/tree\/main(?:\/(.+))?$/)
      if (listed) {
        const recursive = url.searchParams.get('recursive') === 'true'
        return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(this.tree(listed[1] ?? '', recursive)))
      }
      const path = url.pathname.match(/^\/org\/tiny\/resolve\/main\/(.+)$/)?.[1]
      if (!path) return response.writeHead(404).end()
      let bytes = readFileSync(join(folder, path))
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

  /** As the hub lists a folder: its files and folders, and with `recursive` what is in those. */
  tree(below = '', recursive = false): object[] {
    return readdirSync(join(this.folder, below), { withFileTypes: true }).flatMap((entry) => {
      const path = join(below, entry.name)
      if (entry.isDirectory()) return [{ type: 'directory', path, size: 0, oid: '' }, ...(recursive ? this.tree(path, true) : [])]
      const bytes = readFileSync(join(this.folder, path))
      const oid = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
      const lfs = { oid: createHash('sha256').update(bytes).digest('hex'), size: bytes.length, pointerSize: 134 }
      return [{ type: 'file', path, size: bytes.length, oid, ...(path.endsWith('.safetensors') && { lfs }) }]
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
