import { isWeftError } from '@weft/adapters'
import type { WeftClient } from '@weft/client'
import type { AdapterObject } from '@weft/protocol'

type Before = Pick<AdapterObject, 'id' | 'name' | 'method'> | undefined

/** What a name stands for now. Where nothing is published yet there is nothing; a key may be allowed to publish and not to read. */
export const standsFor = async (weft: Pick<WeftClient, 'adapters'>, name: string): Promise<AdapterObject | undefined> =>
  weft.adapters.get(name).catch((error: unknown) => {
    if (!isWeftError(error) || error.status >= 500) throw error
    return undefined
  })

/** That a name has come to stand for what another method made: a text in the place of what was trained. Undefined where it has not. */
export const otherKind = (before: Before, { id, name, method, candidate }: Pick<AdapterObject, 'id' | 'name' | 'method' | 'candidate'>): string | undefined =>
  before === undefined || before.name !== name || before.method === method || candidate
    ? undefined
    : `"${name}" stood for ${before.id}, of the method ${before.method}, and stands for ${id} now, of ${method}. The version before stays: npx weft rollback ${name}`

/** The same of a job, ahead of its end. That it cannot be looked up stops no job, which goes on. */
export const noteOtherKind = async (
  weft: Pick<WeftClient, 'adapters'>,
  { suffix: name, method: { type } }: { suffix: string; method: { type: string } },
  note: (text: string) => void,
): Promise<void> => {
  const before = await standsFor(weft, name).catch(() => undefined)
  if (before === undefined || before.name !== name || before.method === type) return
  note(`"${name}" stands for ${before.id}, of the method ${before.method}, and will stand for what this job makes, of ${type}. The version before stays.`)
}
