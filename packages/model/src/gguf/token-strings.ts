import { closeSync, openSync, readSync } from 'node:fs'

const KEY = 'tokenizer.ggml.tokens'
const [ARRAY, STRING] = [9, 8]

/**
 * The tokens of a GGUF as its bytes have them; undefined where it has none. The reader of all other metadata takes a byte order mark at the start of a
 * string for no part of it, and vocabularies hold tokens that begin with one: without it two tokens would be the same.
 * @param end where the file's tables end, in bytes
 */
export function tokenStrings(file: string, end: number): string[] | undefined {
  const tables = Buffer.alloc(end)
  const fd = openSync(file, 'r')
  try {
    readSync(fd, tables, 0, end, 0)
  } finally {
    closeSync(fd)
  }
  const head = Buffer.alloc(8 + KEY.length + 8)
  head.writeBigUInt64LE(BigInt(KEY.length))
  head.write(KEY, 8)
  head.writeUInt32LE(ARRAY, 8 + KEY.length)
  head.writeUInt32LE(STRING, 12 + KEY.length)
  const found = tables.indexOf(head)
  if (found < 0) return undefined
  let at = found + head.length
  const take = (): number => Number(tables.readBigUInt64LE((at += 8) - 8))
  return Array.from({ length: take() }, () => {
    const size = take()
    return tables.toString('utf8', at, (at += size))
  })
}
