import { sha256, WeftError } from '@weft/adapters'
import type { WeftClient } from '@weft/client'
import { expect, test } from 'vitest'
import { publishNew } from './publish.ts'

const [old, other] = ['old', 'other'].map((text) => new TextEncoder().encode(text))

/** An edge where `tone/calm` stands for version 3, of the bytes `old`. */
const edge = async ({ lost, away }: { lost?: string; away?: WeftError } = {}) => {
  const published: string[] = []
  const adapter = { id: 'tone/calm@3', name: 'tone/calm', digest: await sha256(old) }
  const weft = {
    adapters: {
      async get(name: string) {
        if (away) throw away
        if (name !== adapter.name) throw new WeftError('adapter_not_found', 'there is no adapter', { status: 404 })
        return adapter
      },
      async download() {
        if (lost) throw new WeftError(lost, 'The stored file is damaged.', { status: 500 })
        return old
      },
      async publish(name: string) {
        published.push(name)
        return { ...adapter, name, id: `${name}@4` }
      },
    },
  } as unknown as WeftClient
  return { weft, published }
}

test('bytes that a name stands for already are not published again; which version has them is told', async () => {
  const { weft, published } = await edge()
  expect(await publishNew(weft, 'tone/calm', old)).toMatchObject({ unchanged: true, adapter: { id: 'tone/calm@3' } })
  expect(published).toEqual([])
})

test('other bytes, another name, and what is signed are published', async () => {
  const { weft, published } = await edge()
  expect(await publishNew(weft, 'tone/calm', other)).toMatchObject({ unchanged: false, adapter: { id: 'tone/calm@4' } })
  expect(await publishNew(weft, 'tone/new', old)).toMatchObject({ unchanged: false, adapter: { id: 'tone/new@4' } })
  expect(await publishNew(weft, 'tone/calm', old, 'ed25519:a:b')).toMatchObject({ unchanged: false })
  expect(published).toEqual(['tone/calm', 'tone/new', 'tone/calm'])
})

test('a file that the store has lost is mended by the same bytes; an edge that is away is told of, once', async () => {
  const { weft, published } = await edge({ lost: 'adapter_file_damaged' })
  expect(await publishNew(weft, 'tone/calm', old)).toMatchObject({ unchanged: false })
  expect(published).toHaveLength(1)
  const away = new WeftError('edge_unreachable', 'Nothing answers.', { status: 503 })
  const nobody = await edge({ away })
  await expect(publishNew(nobody.weft, 'tone/calm', old)).rejects.toBe(away)
  expect(nobody.published).toEqual([])
})
