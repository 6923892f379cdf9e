import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConsoleFiles } from '@weft/edge/host'
import { getMimeType } from 'hono/utils/mime'

/** Answers from a folder's files. Only the console's own paths come here: none is another place's. */
export const folderFiles =
  (folder: string): ConsoleFiles =>
  async ({ url }) => {
    const { pathname } = new URL(url)
    const path = decodeURIComponent(pathname)
    if (path.split('/').includes('..')) return new Response(null, { status: 404 })
    try {
      const content = await readFile(join(folder, path))
      return new Response(content, { headers: { 'content-type': getMimeType(path) ?? 'application/octet-stream' } })
    } catch {
      return new Response(null, { status: 404 })
    }
  }
