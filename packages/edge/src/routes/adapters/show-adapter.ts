import type { AdapterRef } from '@weft/adapters'
import type { AdapterObject } from '@weft/protocol'
import type { Context } from 'hono'
import { adapterObject } from '../../adapters/adapter-object.ts'
import type { Signatures } from '../../adapters/signatures.ts'
import { invalidRequest } from '../../errors.ts'
import type { Variables } from '../../http/variables.ts'
import { parseField } from '../../resolve/parse-field.ts'
import type { AdapterVersion } from '../../stores/adapter-names.ts'

/** `style/speech`, `style/speech@1`, `style/speech@prod`, `style/speech@sha256:…`: the same reference as in an expression. */
export function readReference(id: string): AdapterRef {
  const expression = parseField(id, 'id')
  if (expression.kind !== 'adapter') throw invalidRequest(`"${id}" is no adapter's name; expected one such as "style/speech@1"`, 'id')
  return expression
}

/** One version, with its manifest and what its signature is worth. */
export type ShowAdapter = (c: Context<Variables>, adapter: AdapterVersion) => Promise<AdapterObject>

export const showAdapter =
  (signatures: Pick<Signatures, 'standing'>): ShowAdapter =>
  async (c, adapter) => {
    const stores = c.get('stores')
    const object = adapterObject(adapter, await stores.aliases.list(adapter.name), { withManifest: true })
    const standing = await signatures.standing(stores, adapter)
    return { ...object, ...(object.signature && standing ? { signature: { ...object.signature, standing } } : {}) }
  }
