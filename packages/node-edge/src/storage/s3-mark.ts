import { markKey, type StorageMark } from './own-storage.ts'
import type { S3Client } from './s3-client.ts'
import { pageOf } from './s3-list.ts'

/** An object beside the others of a prefix. @param within the prefix, with its last slash */
export function s3Mark(client: S3Client, within: string): StorageMark {
  const key = within + markKey
  const read = async (): Promise<string | undefined> => {
    const response = await client.ask('GET', key)
    return response.status === 404 ? undefined : (await response.text()).trim()
  }
  return {
    place: `s3://${client.bucket}/${key}`,
    read,
    async write(id) {
      const body = `${id}\n`
      const { status } = await client.ask('PUT', key, { body, headers: { 'if-none-match': '*' } })
      if (status === 501) await client.ask('PUT', key, { body })
      return (await read()) ?? ''
    },
    async replace(text) {
      await (text === undefined ? client.ask('DELETE', key) : client.ask('PUT', key, { body: `${text}\n` }))
    },
    async hasObjects() {
      for (const name of ['adapters', 'files', 'checkpoints']) {
        const query = { 'list-type': '2', prefix: `${within}${name}/`, 'max-keys': '1' }
        if (pageOf(client.bucket, await (await client.ask('GET', '', { query })).text()).contents.length > 0) return true
      }
      return false
    },
  }
}
