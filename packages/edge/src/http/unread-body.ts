/** Bytes of the rest of a body that are read before a refusal: as many as any client sends that is told what it may. */
const MOST = 64 * 2 ** 20
/** How long a body may come to nothing, and how long all of it may take. */
const SILENT_MS = 1000
const LONGEST_MS = 15_000

/**
 * Reads what nobody will read of a refused request's body, and forgets it. An answer that comes while its request is still being sent is lost to many clients:
 * the connection is reset under them, and they see a broken pipe in place of what was wrong.
 */
export async function discardUnread({ body }: Request): Promise<void> {
  if (!body || body.locked) return
  const reader = body.getReader()
  const until = Date.now() + LONGEST_MS
  for (let bytes = 0; bytes <= MOST && Date.now() < until; ) {
    const read = await nextOf(reader)
    if (!read?.value) break
    bytes += read.value.byteLength
  }
  reader.cancel().catch(() => {})
}

/** Undefined where nothing comes, or whoever sends has left. */
async function nextOf(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<{ value?: Uint8Array | undefined } | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silent = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, SILENT_MS, undefined)
  })
  try {
    return await Promise.race([reader.read(), silent])
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}
