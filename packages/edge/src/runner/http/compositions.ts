import type { Compositions } from '../compositions.ts'
import { expectOk, type Transport } from './transport.ts'

/** Compositions across HTTP. */
export const httpCompositions = (send: Transport): Compositions => ({
  async put(key, bytes, caller) {
    const headers = { 'content-type': 'application/octet-stream' }
    const response = await send({ method: 'PUT', path: `/compositions/${key}`, body: bytes as Uint8Array<ArrayBuffer>, headers, caller })
    await (await expectOk(response)).body?.cancel()
  },
})
